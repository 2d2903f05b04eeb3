"""Carries commands out: asks the table, the plan of faults and the effects, and has it said."""

from .addressing import accept_token
from .authenticating import Authenticator
from .commands import EFFECTS, swallow
from .events import Close, FaultApplied, Need
from .facts import Facts, TlsResult
from .faults import FaultPlan
from .parsing import Refused
from .profiles import Profile
from .receiving import Receiver
from .rules import RULES
from .screening import unknown_case
from .speaking import Speaker
from .standing import Outcome, Standing
from .states import EXTENSION_VERBS, TABLE, Cell, State

# Cheap to answer and good for nothing in numbers: past a limit each counts as an error.
_IDLE_VERBS = frozenset({"NOOP", "RSET", "VRFY", "EXPN", "HELP"})
# What is open before TLS (RFC 3207 section 4) and before a login (RFC 4954 section 6).
_BEFORE_TLS = frozenset({"NOOP", "EHLO", "STARTTLS", "QUIT"})
_BEFORE_LOGIN = frozenset({"AUTH", "EHLO", "HELO", "NOOP", "RSET", "QUIT", "STARTTLS"})


class Executor:
    """Runs one command at a time. `logins` and `messages` take over where a command opens a SASL
    exchange or a message."""

    __slots__ = (
        "_n_idle",
        "_n_mails",
        "_pending",
        "_profile",
        "logins",
        "messages",
        "speaker",
        "standing",
    )

    def __init__(self, profile: Profile, facts: Facts, plan: FaultPlan) -> None:
        self._profile = profile
        self.standing = Standing(profile, facts, plan)
        self.speaker = Speaker(profile, self.standing)
        self.logins = Authenticator(facts, self.standing, self.speaker)
        self.messages = Receiver(profile, facts, self.standing, self.speaker)
        self._pending = ""  # argument of the RCPT whose token is being looked up
        self._n_idle = self._n_mails = 0

    def run(self, verb: str, word: bytes, argument: str) -> None:
        speaker, standing = self.speaker, self.standing
        if standing.plan.step == "any" and standing.strikes("any") and self._disturb():
            return
        if speaker.state is State.REFUSED and verb != "QUIT":
            self._turn_away()
            return
        if verb == "MAIL":
            self._n_mails += 1
            if self._n_mails > self._profile.limits.mails:
                speaker.end("session.mails")
                return
        had_transaction = standing.transaction is not None
        try:
            if not verb or verb in EXTENSION_VERBS or verb in self._profile.unknown:
                self._check_offered(verb, word)
            cells = TABLE[verb]
            # In REFUSED only QUIT comes so far, and is answered as anywhere.
            cell = cells.get(speaker.state) or cells[State.GREETED]
            outcome = self._carry_out(verb, cell, argument)
        except Refused as refusal:
            speaker.refuse(refusal)
        else:
            if outcome is not None:
                self._follow_up(verb, cell, outcome, argument, had_transaction=had_transaction)
        if speaker.cut_after is not None:
            speaker.finish_cut()

    def recall(self, mechanism: str, verdict: str, user: str) -> None:
        """As `run`, or a response of a login, where only the outcome is known."""
        standing = self.standing
        disturbed = mechanism and standing.plan.step == "any" and standing.strikes("any")
        if disturbed and self._disturb():
            return
        self.logins.recall(mechanism, verdict, user)
        if self.speaker.cut_after is not None:
            self.speaker.finish_cut()

    def _check_offered(self, verb: str, word: bytes) -> None:
        if not verb:
            raise Refused("verb.unknown", unknown_case(word))
        if verb in self._profile.unknown:
            raise Refused("verb.unknown", verb)
        if not self.standing.serves(verb):
            raise Refused("verb.not-offered", verb, verb=verb)

    def _carry_out(self, verb: str, cell: Cell, argument: str) -> Outcome | None:
        """None: a planned fault has answered."""
        standing = self.standing
        if self._profile.demands_login and (demand := self._demand(verb)):
            if verb != "BDAT":
                raise demand
            chunk = swallow(standing, verb, argument).chunk
            return Outcome(chunk=chunk and chunk._replace(refusal=demand))
        if cell.effect is None:
            raise Refused(cell.rule, after=cell.after)
        if verb in ("EHLO", "MAIL"):
            standing.adopt_plan(argument)
        if standing.plan.step == verb != "AUTH" and self._fault(verb):
            return None
        return EFFECTS[cell.effect](standing, verb, argument)

    def _demand(self, verb: str) -> Refused | None:
        if not self.standing.secured:
            return None if verb in _BEFORE_TLS else Refused("demand.tls")
        if not self.standing.user:
            return None if verb in _BEFORE_LOGIN else Refused("demand.login")
        return None

    def _follow_up(
        self, verb: str, cell: Cell, outcome: Outcome, argument: str, *, had_transaction: bool
    ) -> None:
        speaker, standing = self.speaker, self.standing
        if outcome.chunk:
            self.messages.begin_chunk(outcome.chunk)
            return
        if outcome.token:
            self._pending = argument
            speaker.ask(Need("token", outcome.token))
            return
        if outcome.mechanism:
            self.logins.begin(outcome.mechanism, outcome.initial)
            return
        is_error = verb in _IDLE_VERBS and self._is_one_too_many()
        if is_error and not speaker.count_error():
            return
        if outcome.notice:
            speaker.note(outcome.notice)
        rule, after = outcome.rule or cell.rule, cell.after or speaker.state
        speaker.say(
            rule,
            outcome.case,
            after=after,
            lines=outcome.lines,
            fill=outcome.fill,
            is_error=is_error,
        )
        speaker.enter(after, dropped=had_transaction and standing.transaction is None)
        if RULES[rule].closes:
            speaker.events.append(Close(rule, graceful=True))
        if after is State.TLS:
            self._inject()
            speaker.ask(Need("tls"))

    def _is_one_too_many(self) -> bool:
        self._n_idle += 1
        return self._n_idle > self._profile.limits.idle_commands

    def resolve_token(self, *, known: bool) -> None:
        """The answer to Need("token"): RCPT goes on."""
        speaker, standing = self.speaker, self.standing
        speaker.need = None
        try:
            outcome = accept_token(standing, self._pending, known=known)
        except Refused as refusal:
            speaker.refuse(refusal)
            return
        adopted = standing.adopt_plan(self._pending)
        if adopted and standing.plan.step == "RCPT" and self._fault("RCPT"):
            if standing.transaction is not None:
                standing.transaction.recipients.pop()
            return
        speaker.say("rcpt.ok", outcome.case, after=State.RCPTS)
        speaker.enter(State.RCPTS)

    def finish_handshake(self, result: TlsResult) -> None:
        """The answer to Need("tls"), or TLS from the first octet."""
        speaker, standing = self.speaker, self.standing
        speaker.need = None
        if result.failure:
            speaker.hang_up("tls.failed", result.failure)
            return
        standing.secured = result
        if speaker.state is State.NEW:
            speaker.note("tls.started", case="implicit")
            return
        standing.forget_client()
        speaker.note("tls.started")
        speaker.front = ""
        speaker.unsent = False
        speaker.enter(State.GREETED, client=True)

    # Planned faults

    def _disturb(self) -> bool:
        """A fault of any command. True if it has answered."""
        plan, speaker = self.standing.plan, self.speaker
        speaker.events.append(FaultApplied(plan.name, "any", plan.rule))
        if plan.effect == "slow":
            speaker.delay_us = plan.delay_us
        elif plan.effect == "cut":
            speaker.cut_after = plan.cut_after
        else:
            speaker.end(plan.rule)
            return True
        return False

    def _fault(self, verb: str) -> bool:
        """True if a fault has answered in place of the command."""
        plan, speaker = self.standing.plan, self.speaker
        if plan.effect not in ("reply", "drop") or not self.standing.strikes(verb):
            return False
        speaker.events.append(FaultApplied(plan.name, verb, plan.rule))
        if plan.effect == "drop":
            if verb == "STARTTLS":
                speaker.say("starttls.ok", after=State.TLS)
            speaker.hang_up(plan.rule)
            return True
        if verb == "RCPT" and self.standing.transaction is not None:
            self.standing.transaction.n_refused += 1
        speaker.pretend(plan.rule)
        return True

    def _inject(self) -> None:
        plan, speaker = self.standing.plan, self.speaker
        if plan.effect == "inject" and self.standing.strikes("STARTTLS"):
            speaker.events.append(FaultApplied(plan.name, "STARTTLS", plan.rule))
            speaker.say(plan.rule, after=speaker.state)

    def _turn_away(self) -> None:
        """Behind a greeting that refuses (RFC 5321 section 3.1; RFC 7504 section 3)."""
        if self.standing.plan.rule == "fault.connect-521":
            self.speaker.hang_up("session.refused")
        else:
            self.speaker.refuse(Refused("session.refused"))
