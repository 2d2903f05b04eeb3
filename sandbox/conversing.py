"""A stored session and its engine: begun, brought back from its rows, gone on with."""

from accounts.models import Learner

from .log.logbook import Logbook, replay_row
from .models import SandboxEvent, SandboxSession
from .smtp import ENGINE_VERSION, PROFILES, Session, replay


class Conversation(Logbook):
    """`rows` are stored already."""

    def __init__(
        self, session: SandboxSession, engine: Session, rows: list[SandboxEvent] | None = None
    ) -> None:
        self.session = session
        self.rows = rows or []
        super().__init__(engine, last_seq=self.rows[-1].seq if self.rows else 0)

    def take_unwritten(self) -> list[SandboxEvent]:
        return [
            SandboxEvent(session=self.session, **entry._asdict()) for entry in self.take_entries()
        ]


def new_session(
    channel: str,
    *,
    peer: str,
    profile: str = "modern",
    nominal_port: int = 25,
    fault_plan: str = "",
    learner: Learner | None = None,
) -> SandboxSession:
    """Not stored yet."""
    return SandboxSession(
        channel=channel,
        learner=learner,
        profile=PROFILES[profile].name,
        fault_plan=fault_plan,
        nominal_port=nominal_port,
        peer=peer,
        engine_version=ENGINE_VERSION,
    )


def begin(session: SandboxSession) -> Conversation:
    engine = Session(session.engine_profile, session.facts, session.engine_plan)
    return Conversation(session, engine)


def load(session: SandboxSession) -> Conversation:
    """One query."""
    rows = list(session.events.order_by("seq"))
    engine = replay(
        map(replay_row, rows), session.engine_profile, session.facts, session.engine_plan
    )
    return Conversation(session, engine, rows)
