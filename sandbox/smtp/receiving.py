"""The message itself: read behind DATA or BDAT, taken or refused when it is complete."""

from .collecting import ChunkReader, DataReader
from .content import Content
from .events import ChunkIn, FaultApplied, MessageAccepted
from .facts import Facts
from .parsing import Refused
from .profiles import Profile
from .speaking import Speaker
from .standing import Chunk, Standing, Transaction
from .states import State
from .tracing import queue_id, received_field, trace_protocol


class Receiver:
    """`reader` takes octets that are no command lines, while there are any to come."""

    __slots__ = (
        "_chunk",
        "_facts",
        "_n_messages",
        "_profile",
        "_speaker",
        "_standing",
        "reader",
    )

    def __init__(
        self, profile: Profile, facts: Facts, standing: Standing, speaker: Speaker
    ) -> None:
        self._profile = profile
        self._facts = facts
        self._standing = standing
        self._speaker = speaker
        self._chunk = Chunk(0, last=False)
        self._n_messages = 0
        self.reader: DataReader | ChunkReader | None = None

    @property
    def _transaction(self) -> Transaction:
        transaction = self._standing.transaction
        assert transaction is not None  # the table lets DATA and BDAT in only behind RCPT
        return transaction

    def begin_content(self, offset: int) -> DataReader:
        """Behind 354."""
        speaker = self._speaker
        speaker.offset = offset
        if speaker.unsent:
            speaker.note("sync.early")
        takes_lf = self._standing.plan.effect == "lf-ends-data"
        content = self._new_content(offset)
        reader = DataReader(content, offset, early=speaker.unsent, takes_lf=takes_lf)
        self.reader = reader
        return reader

    def begin_chunk(self, chunk: Chunk) -> None:
        speaker = self._speaker
        self._chunk = chunk
        content = None
        if chunk.refusal is None:
            transaction = self._transaction
            if transaction.content is None:
                transaction.content = self._new_content(speaker.next_offset)
            content = transaction.content
        early = speaker.is_early
        if chunk.size:
            self.reader = ChunkReader(content, chunk.size, speaker.next_offset, early=early)
        else:
            speaker.events.append(ChunkIn(b"", speaker.next_offset, 0, early, end=True))
            self.finish_chunk()

    def finish_chunk(self) -> None:
        self.reader = None
        chunk, speaker = self._chunk, self._speaker
        if chunk.refusal:
            speaker.refuse(chunk.refusal)
        elif chunk.last:
            content = self._transaction.content
            assert content is not None
            self.finish_content(content)
            return
        else:
            speaker.say("bdat.ok", after=State.CHUNKS, fill={"octets": str(chunk.size)})
            speaker.enter(State.CHUNKS)
        speaker.front = "BDAT"

    def finish_content(self, content: Content) -> None:
        """The message is complete: take it or say what is wrong with it."""
        self.reader = None
        speaker, limits = self._speaker, self._profile.limits
        speaker.verb = "."
        refusal = content.end(speaker.events, ascii_only=self._takes_ascii_only())
        if refusal:
            rule, case = refusal
            speaker.refuse(Refused(rule, case, after=State.READY, limit=str(limits.size)))
        elif limits.room is not None and content.size > limits.room:
            speaker.refuse(Refused("size.no-room", after=State.READY))
        elif not self._spoil(content):
            message = self._accept(content)
            speaker.events.append(message)
            fill = {"queue_id": message.queue_id}
            speaker.say("data.accepted", after=State.READY, fill=fill)
        speaker.front = "."
        if speaker.state is not State.CLOSED:
            self._standing.forget_transaction()
            speaker.enter(State.READY, dropped=True)

    def _takes_ascii_only(self) -> bool:
        directory = self._facts.directory
        return any(
            directory.mailbox(recipient.address.partition("@")[0]).ascii_only
            for recipient in self._transaction.recipients
        )

    def _spoil(self, content: Content) -> bool:
        """True if a planned fault has taken the place of the 250."""
        plan, speaker = self._standing.plan, self._speaker
        if plan.effect == "lf-ends-data" or not self._standing.strikes("end"):
            return False
        speaker.events.append(FaultApplied(plan.name, "end", plan.rule))
        if plan.effect == "silent":
            speaker.is_mute = True
        elif plan.effect == "lose":
            speaker.events.append(self._accept(content))
            speaker.hang_up(plan.rule)
        else:
            speaker.pretend(plan.rule, after=State.READY)
        return True

    def _new_content(self, offset: int) -> Content:
        body = self._transaction.body
        return Content(
            self._profile,
            offset,
            declared_8bit=body == "8BITMIME",
            binary=body == "BINARYMIME",
        )

    def _accept(self, content: Content) -> MessageAccepted:
        standing, transaction = self._standing, self._transaction
        self._n_messages += 1
        message_id = queue_id(self._facts.seed, self._n_messages)
        trace = received_field(
            transaction.envelope,
            self._facts,
            helo=standing.helo,
            protocol=trace_protocol(
                esmtp=standing.esmtp,
                utf8=transaction.utf8,
                tls=standing.secured is not None,
                auth=bool(standing.user),
            ),
            message_id=message_id,
            at=self._speaker.at,
        )
        return MessageAccepted(transaction.envelope, bytes(content.octets), message_id, trace)
