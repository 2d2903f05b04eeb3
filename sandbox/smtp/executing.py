"""Carries commands out: asks the table, the plan of faults and the effects, and has it said."""

import re
from collections import Counter

from .collecting import ChunkReader, DataReader
from .commands import EFFECTS, Chunk, Outcome, Standing, Transaction, accept_token
from .content import Content
from .events import AuthStep, ChunkIn, Close, FaultApplied, MessageAccepted, Need
from .facts import TOKEN_DOMAIN, CredentialResult, Facts, TlsResult
from .faults import FAULTS, FaultPlan
from .parsing import Refused
from .profiles import Profile
from .rules import RULES
from .sasl import Answer, Ask, Challenge, Exchange, start
from .screening import unknown_case
from .speaking import Speaker
from .states import EXTENSION_VERBS, TABLE, Cell, State
from .tracing import queue_id, received_field, trace_protocol

# Cheap to answer and good for nothing in numbers: past a limit each counts as an error.
_IDLE_VERBS = frozenset({"NOOP", "RSET", "VRFY", "EXPN", "HELP"})
# What is open before TLS (RFC 3207 section 4) and before a login (RFC 4954 section 6).
_BEFORE_TLS = frozenset({"NOOP", "EHLO", "STARTTLS", "QUIT"})
_BEFORE_LOGIN = frozenset({"AUTH", "EHLO", "HELO", "NOOP", "RSET", "QUIT", "STARTTLS"})
_NAMED_PLAN = re.compile(
    rf"(?:^|<)([a-z0-9-]+)[.@][a-z0-9]+\.{re.escape(TOKEN_DOMAIN)}(?:$|>)", re.IGNORECASE
)


class Executor:
    """`need` is what the host has to answer before anything goes on, `reader` takes octets that
    are no command lines, `exchange` is the SASL exchange at hand."""

    __slots__ = (
        "_chunk",
        "_n_exchanges",
        "_n_idle",
        "_n_mails",
        "_n_messages",
        "_n_reached",
        "_pending",
        "exchange",
        "facts",
        "need",
        "profile",
        "reader",
        "speaker",
        "standing",
    )

    def __init__(self, profile: Profile, facts: Facts, plan: FaultPlan) -> None:
        self.profile = profile
        self.facts = facts
        self.standing = Standing(profile, facts, plan)
        self.speaker = Speaker(profile, self.standing)
        self.need: Need | None = None
        self.reader: DataReader | ChunkReader | None = None
        self.exchange: Exchange | None = None
        self._chunk = Chunk(0, last=False)
        self._pending = ""  # argument of the RCPT whose token is being looked up
        self._n_idle = self._n_mails = self._n_messages = self._n_exchanges = 0
        self._n_reached: Counter[str] = Counter()

    # --- commands

    def run(self, verb: str, word: bytes, argument: str) -> None:
        speaker, standing = self.speaker, self.standing
        if standing.plan.step == "any" and self._strikes("any") and self._disturb():
            return
        if speaker.state is State.REFUSED and verb != "QUIT":
            self._turn_away()
            return
        if verb == "MAIL":
            self._n_mails += 1
            if self._n_mails > self.profile.limits.mails:
                speaker.end("session.mails")
                return
        had_transaction = standing.transaction is not None
        try:
            self._check_offered(verb, word)
            outcome = self._carry_out(verb, argument)
        except Refused as refusal:
            speaker.refuse(refusal)
            speaker.finish_cut()
            return
        if outcome is not None:
            self._follow_up(verb, outcome, argument, had_transaction=had_transaction)
        speaker.finish_cut()

    def _carry_out(self, verb: str, argument: str) -> Outcome | None:
        """None: a planned fault has answered."""
        standing = self.standing
        cell = self._cell(verb)
        if self.profile.demands_login and (demand := self._demand(verb)):
            if verb != "BDAT":
                raise demand
            chunk = EFFECTS["swallow"](standing, verb, argument).chunk
            return Outcome(chunk=chunk and chunk._replace(refusal=demand))
        if cell.effect is None:
            raise Refused(cell.rule, after=cell.after)
        if verb in ("EHLO", "MAIL"):
            self._adopt_plan(argument)
        if standing.plan.step == verb and self._strikes(verb) and self._fault(verb):
            return None
        return EFFECTS[cell.effect](standing, verb, argument)

    def _cell(self, verb: str) -> Cell:
        """In REFUSED only QUIT comes here, and is answered as anywhere."""
        cells = TABLE[verb]
        return cells.get(self.speaker.state) or cells[State.GREETED]

    def _follow_up(
        self, verb: str, outcome: Outcome, argument: str, *, had_transaction: bool
    ) -> None:
        speaker, standing = self.speaker, self.standing
        if outcome.chunk:
            self._begin_chunk(outcome.chunk)
            return
        if outcome.token:
            self._pending = argument
            self._ask(Need("token", outcome.token))
            return
        if outcome.mechanism:
            self._begin_login(outcome.mechanism, outcome.initial)
            return
        is_error = verb in _IDLE_VERBS and self._is_one_too_many()
        if is_error and not speaker.count_error():
            return
        if outcome.notice:
            speaker.note(outcome.notice)
        cell = self._cell(verb)
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
        if verb == "STARTTLS":
            if standing.plan.effect == "inject" and self._strikes("STARTTLS"):
                speaker.events.append(FaultApplied(standing.plan.name, verb, standing.plan.rule))
                speaker.say(standing.plan.rule, after=after)
            self._ask(Need("tls"))

    def _check_offered(self, verb: str, word: bytes) -> None:
        if not verb:
            raise Refused("verb.unknown", unknown_case(word))
        if verb in self.profile.unknown:
            raise Refused("verb.unknown", verb)
        if verb in EXTENSION_VERBS and not self.standing.offers(EXTENSION_VERBS[verb] or ""):
            raise Refused("verb.not-offered", verb, verb=verb)

    def _demand(self, verb: str) -> Refused | None:
        if not self.standing.secured:
            return None if verb in _BEFORE_TLS else Refused("demand.tls")
        if not self.standing.user:
            return None if verb in _BEFORE_LOGIN else Refused("demand.login")
        return None

    def _is_one_too_many(self) -> bool:
        self._n_idle += 1
        return self._n_idle > self.profile.limits.idle_commands

    def _ask(self, need: Need) -> None:
        self.need = need
        self.speaker.events.append(need)
        self.speaker.unsent = True  # what comes now came before the reply

    def resolve_token(self, *, known: bool) -> None:
        """The answer to Need("token"): RCPT goes on."""
        speaker = self.speaker
        self.need = None
        try:
            outcome = accept_token(self.standing, self._pending, known=known)
        except Refused as refusal:
            speaker.refuse(refusal)
            return
        self._adopt_plan(self._pending)
        plan, transaction = self.standing.plan, self.standing.transaction
        if plan.step == "RCPT" and self._strikes("RCPT") and transaction is not None:
            transaction.recipients.pop()
            self._fault("RCPT")
            return
        speaker.say("rcpt.ok", outcome.case, after=State.RCPTS)
        speaker.enter(State.RCPTS)

    def finish_handshake(self, result: TlsResult) -> None:
        """The answer to Need("tls"), or TLS from the first octet."""
        speaker = self.speaker
        self.need = None
        if result.failure:
            speaker.hang_up("tls.failed", result.failure)
            return
        self.standing.secured = result
        if speaker.state is State.NEW:
            speaker.note("tls.started", case="implicit")
            return
        self.standing.forget_client()
        speaker.note("tls.started")
        speaker.front = ""
        speaker.unsent = False
        speaker.enter(State.GREETED, client=True)

    # --- faults

    def _adopt_plan(self, text: str) -> None:
        """A learner names a plan in a name of the learner's own domain."""
        found = _NAMED_PLAN.search(text) if TOKEN_DOMAIN in text.lower() else None
        plan = FAULTS.get(found[1].lower()) if found else None
        if plan and plan is not self.standing.plan:
            self.standing.plan = plan
            self._n_reached.clear()

    def _strikes(self, step: str) -> bool:
        self._n_reached[step] += 1
        return self.standing.plan.strikes(self._n_reached[step])

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
        """True if the fault has answered in place of the command."""
        plan, speaker = self.standing.plan, self.speaker
        if plan.effect not in ("reply", "drop"):
            return False
        speaker.events.append(FaultApplied(plan.name, verb, plan.rule))
        if plan.effect == "drop":
            if verb == "STARTTLS":
                speaker.say("starttls.ok", after=State.TLS)
            speaker.hang_up(plan.rule)
            return True
        if verb == "RCPT" and self.standing.transaction is not None:
            self.standing.transaction.n_refused += 1
        self._pretend(plan.rule)
        return True

    def _pretend(self, rule: str, after: State | None = None) -> None:
        """A planned refusal is no error of the client."""
        speaker = self.speaker
        if RULES[rule].closes:
            speaker.end(rule)
            return
        fill = {"address": "casey@new.example", "limit": "1000", "seconds": "300"}
        after = after or speaker.state
        speaker.say(rule, after=after, fill=fill)
        speaker.enter(after)

    def _turn_away(self) -> None:
        speaker = self.speaker
        if self.standing.plan.name == "connect-521":
            speaker.hang_up("session.refused")
        else:
            speaker.refuse(Refused("session.refused"))

    # --- the message

    def begin_content(self, offset: int) -> DataReader:
        """Behind 354."""
        speaker, transaction = self.speaker, self._transaction
        speaker.offset = offset
        if speaker.unsent:
            speaker.note("sync.early")
        takes_lf = self.standing.plan.effect == "lf-ends-data"
        content = self._new_content(transaction, offset)
        self.reader = DataReader(content, offset, early=speaker.unsent, takes_lf=takes_lf)
        return self.reader

    def _begin_chunk(self, chunk: Chunk) -> None:
        speaker = self.speaker
        self._chunk = chunk
        content = None
        if chunk.refusal is None:
            transaction = self._transaction
            if transaction.content is None:
                transaction.content = self._new_content(transaction, speaker.next_offset)
            content = transaction.content
        reader = ChunkReader(content, chunk.size, speaker.next_offset, early=speaker.is_early)
        if chunk.size:
            self.reader = reader
        else:
            speaker.events.append(ChunkIn(b"", speaker.next_offset, 0, speaker.is_early, end=True))
            self.finish_chunk()

    def finish_chunk(self) -> None:
        self.reader = None
        chunk, speaker = self._chunk, self.speaker
        if chunk.refusal:
            speaker.refuse(chunk.refusal)
        elif chunk.last:
            content = self._transaction.content
            assert content is not None
            self.finish_content(content)
        else:
            speaker.say("bdat.ok", after=State.CHUNKS, fill={"octets": str(chunk.size)})
            speaker.enter(State.CHUNKS)

    def finish_content(self, content: Content) -> None:
        """The message is complete: take it or say what is wrong with it."""
        self.reader = None
        speaker, directory = self.speaker, self.facts.directory
        speaker.verb = "."
        transaction = self._transaction
        ascii_only = transaction.utf8 and any(
            directory.mailbox(recipient.address.partition("@")[0]).ascii_only
            for recipient in transaction.recipients
        )
        limits = self.profile.limits
        refusal = content.end(speaker.events, ascii_only=ascii_only)
        if refusal:
            rule, case = refusal
            speaker.refuse(Refused(rule, case, after=State.READY, limit=str(limits.size)))
        elif limits.room is not None and content.size > limits.room:
            speaker.refuse(Refused("size.no-room", after=State.READY))
        elif not self._spoil(content):
            message = self._accept(bytes(content.octets))
            speaker.events.append(message)
            fill = {"queue_id": message.queue_id}
            speaker.say("data.accepted", after=State.READY, fill=fill)
        speaker.front = "."
        if speaker.state is not State.CLOSED:
            self.standing.forget_transaction()
            speaker.enter(State.READY, dropped=True)

    def _spoil(self, content: Content) -> bool:
        """True if a planned fault has taken the place of the 250."""
        plan, speaker = self.standing.plan, self.speaker
        if plan.step != "end" or plan.effect == "lf-ends-data" or not self._strikes("end"):
            return False
        speaker.events.append(FaultApplied(plan.name, "end", plan.rule))
        if plan.effect == "silent":
            speaker.is_mute = True
        elif plan.effect == "lose":
            speaker.events.append(self._accept(bytes(content.octets)))
            speaker.hang_up(plan.rule)
        else:
            self._pretend(plan.rule, after=State.READY)
        return True

    @property
    def _transaction(self) -> Transaction:
        transaction = self.standing.transaction
        assert transaction is not None  # the table lets DATA and BDAT in only behind RCPT
        return transaction

    def _new_content(self, transaction: Transaction, offset: int) -> Content:
        return Content(
            self.profile,
            offset,
            declared_8bit=transaction.body == "8BITMIME",
            binary=transaction.body == "BINARYMIME",
            newline="normalize" if self.standing.plan.effect == "lf-ends-data" else None,
        )

    def _accept(self, content: bytes) -> MessageAccepted:
        standing, transaction = self.standing, self._transaction
        self._n_messages += 1
        message_id = queue_id(self.facts.seed, self._n_messages)
        trace = received_field(
            transaction.envelope,
            self.facts,
            helo=standing.helo,
            protocol=trace_protocol(
                esmtp=standing.esmtp,
                utf8=transaction.utf8,
                tls=standing.secured is not None,
                auth=bool(standing.user),
            ),
            message_id=message_id,
            at=self.speaker.at,
        )
        return MessageAccepted(transaction.envelope, content, message_id, trace)

    # --- logins

    def _begin_login(self, mechanism: str, initial: str | None) -> None:
        self._start_exchange(mechanism)
        assert self.exchange is not None
        self.follow_exchange(self.exchange.begin(initial))

    def _start_exchange(self, mechanism: str) -> None:
        self._n_exchanges += 1
        self.exchange = start(
            mechanism,
            host=self.facts.directory.host,
            seed=self.facts.seed,
            at=self.speaker.at,
            number=self._n_exchanges,
        )

    def respond(self, text: str) -> None:
        """A line that answers 334."""
        assert self.exchange is not None
        self.follow_exchange(self.exchange.take(text))

    def resolve_credential(self, result: CredentialResult) -> None:
        """The answer to Need("credential")."""
        self.need = None
        assert self.exchange is not None
        if result.verdict:
            self.recall_step(result.verdict, self.exchange.user)
        else:
            self.follow_exchange(self.exchange.given(result.secret))

    def follow_exchange(self, answer: Answer) -> None:
        exchange = self.exchange
        assert exchange is not None
        if isinstance(answer, Ask):
            secret = self.facts.directory.accounts.get(answer.user.lower())
            if secret is None:
                self._tell_step("need", exchange.user)
                self._ask(Need("credential", answer.user))
                return
            answer = exchange.given(secret)
        if isinstance(answer, Challenge):
            self._tell_step("continue", exchange.user)
            self.speaker.say("auth.continue", exchange.mechanism, after=State.AUTHING,
                             lines=(answer.text,))  # fmt: skip
            self.speaker.enter(State.AUTHING)
        else:
            self._conclude(answer.rule, answer.case, exchange.user)

    def _conclude(self, rule: str, case: str, user: str) -> None:
        speaker, standing = self.speaker, self.standing
        plan = standing.plan
        if plan.step == "AUTH" and rule in ("auth.ok", "auth.bad") and self._strikes("AUTH"):
            speaker.events.append(FaultApplied(plan.name, "AUTH", plan.rule))
            rule, case = plan.rule, ""
        self._tell_step("ok" if rule == "auth.ok" else rule, user)
        self.exchange = None
        if rule == "auth.ok":
            standing.user = user
            speaker.say(rule, after=State.READY)
            speaker.enter(State.READY)
            return
        standing.n_login_failures += rule == "auth.bad"
        speaker.refuse(Refused(rule, case, after=State.READY))

    def _tell_step(self, verdict: str, user: str) -> None:
        exchange = self.exchange
        assert exchange is not None
        self.speaker.events.append(AuthStep(exchange.mechanism, exchange.step, user, verdict))

    def recall_login(self, mechanism: str, verdict: str, user: str) -> None:
        """A masked AUTH line, or one behind 334, of which only the outcome is known."""
        if mechanism:
            self._start_exchange(mechanism)
        if self.exchange is None:
            self.speaker.refuse(Refused(verdict))
            return
        self.exchange.resume(user)
        self.recall_step(verdict, user)

    def recall_step(self, verdict: str, user: str) -> None:
        if verdict == "need":
            self._tell_step(verdict, user)
            self._ask(Need("credential", user))
        elif verdict == "continue":
            self.follow_exchange(Challenge(""))
        else:
            self._conclude("auth.ok" if verdict == "ok" else verdict, "", user)
