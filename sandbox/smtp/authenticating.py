"""AUTH: one SASL exchange, from the command to the verdict (RFC 4954 section 4)."""

from .events import AuthStep, FaultApplied, Need
from .facts import CredentialResult, Facts
from .parsing import Refused
from .sasl import Answer, Ask, Challenge, Exchange, start
from .speaking import Speaker
from .standing import Standing
from .states import State

# How a line of an exchange may go; by any other rule it never came into one.
_VERDICTS = frozenset(
    {
        "need",
        "continue",
        "ok",
        "auth.bad",
        "auth.base64",
        "auth.unasked",
        "auth.malformed",
        "auth.later",
        "auth.weak",
        "auth.transition",
    }
)


class Authenticator:
    """`exchange` is the one at hand."""

    __slots__ = ("_facts", "_n_exchanges", "_speaker", "_standing", "exchange")

    def __init__(self, facts: Facts, standing: Standing, speaker: Speaker) -> None:
        self._facts = facts
        self._standing = standing
        self._speaker = speaker
        self._n_exchanges = 0
        self.exchange: Exchange | None = None

    def begin(self, mechanism: str, initial: str | None) -> None:
        exchange = self._start(mechanism)
        self._follow(exchange, exchange.begin(initial))

    def _start(self, mechanism: str) -> Exchange:
        self._n_exchanges += 1
        self.exchange = start(
            mechanism,
            host=self._facts.directory.host,
            seed=self._facts.seed,
            at=self._speaker.at,
            number=self._n_exchanges,
        )
        return self.exchange

    def respond(self, exchange: Exchange, text: str) -> None:
        """A line that answers 334."""
        self._follow(exchange, exchange.take(text))

    def resolve(self, result: CredentialResult) -> None:
        """The answer to Need("credential")."""
        self._speaker.need = None
        exchange = self.exchange
        if exchange is None:
            return
        if result.verdict:
            self._recall_step(exchange, result.verdict)
        else:
            self._follow(exchange, exchange.given(result.secret))

    def recall(self, mechanism: str, verdict: str, user: str) -> None:
        """A masked line of which only the outcome is known; `mechanism` as in Session.recall."""
        if verdict not in _VERDICTS:
            self.exchange = None
            self._speaker.refuse(Refused(verdict))
            return
        exchange = self._start(mechanism) if mechanism else self.exchange
        if exchange is None:
            return
        exchange.resume(user)
        self._recall_step(exchange, verdict)

    def _recall_step(self, exchange: Exchange, verdict: str) -> None:
        if verdict == "need":
            self._ask(exchange, exchange.user)
        elif verdict == "continue":
            self._follow(exchange, Challenge(""))
        else:
            self._conclude(exchange, "auth.ok" if verdict == "ok" else verdict, "")

    def _follow(self, exchange: Exchange, answer: Answer) -> None:
        if isinstance(answer, Ask):
            secret = self._facts.directory.accounts.get(answer.user.lower())
            if secret is None:
                self._ask(exchange, answer.user)
                return
            answer = exchange.given(secret)
        if isinstance(answer, Challenge):
            self._tell(exchange, "continue")
            after = State.AUTHING
            self._speaker.say(
                "auth.continue", exchange.mechanism, after=after, lines=(answer.text,)
            )
            self._speaker.enter(after)
        else:
            self._conclude(exchange, answer.rule, answer.case)

    def _ask(self, exchange: Exchange, user: str) -> None:
        self._tell(exchange, "need")
        self._speaker.ask(Need("credential", user))

    def _conclude(self, exchange: Exchange, rule: str, case: str) -> None:
        speaker, standing = self._speaker, self._standing
        plan = standing.plan
        # From a log the verdict comes back as what the plan has made of it.
        if rule in ("auth.ok", "auth.bad", plan.rule) and standing.strikes("AUTH"):
            speaker.events.append(FaultApplied(plan.name, "AUTH", plan.rule))
            self._tell(exchange, plan.rule)
            self.exchange = None
            speaker.pretend(plan.rule, after=State.READY)
            return
        self._tell(exchange, "ok" if rule == "auth.ok" else rule)
        self.exchange = None
        if rule == "auth.ok":
            standing.user = exchange.user
            speaker.say(rule, after=State.READY)
            speaker.enter(State.READY)
            return
        standing.n_login_failures += rule == "auth.bad"
        speaker.refuse(Refused(rule, case, after=State.READY))

    def _tell(self, exchange: Exchange, verdict: str) -> None:
        step = AuthStep(exchange.mechanism, exchange.step, exchange.user, verdict)
        self._speaker.events.append(step)
