"""What a session is told about the world instead of looking for itself: peer, time, seed, users."""

from collections.abc import Mapping
from dataclasses import dataclass, field

TOKEN_DOMAIN = "sandbox.test"  # each learner's own domain is a name below it


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What is special about one. `moved_to`: the address it has now."""

    full: bool = False
    moved_to: str = ""
    ascii_only: bool = False


_PLAIN = Mailbox()


@dataclass(frozen=True, slots=True)
class Directory:
    """Who has a mailbox here. Domains and users are lower case and compared without regard to case.

    A host that takes mail SHOULD not tell users apart by case (RFC 5321 section 2.4).
    `accounts` holds the secrets of the practice accounts by user name, for all to know.
    """

    host: str
    domains: frozenset[str]
    users: frozenset[str]
    accounts: Mapping[str, str] = field(default_factory=dict)
    mailboxes: Mapping[str, Mailbox] = field(default_factory=dict)
    null_mx: frozenset[str] = frozenset()  # domains that take no mail (RFC 7505)

    def serves(self, domain: str) -> bool:
        return domain.lower() in self.domains

    def knows(self, local_part: str) -> bool:
        return local_part.lower() in self.users

    def mailbox(self, local_part: str) -> Mailbox:
        return self.mailboxes.get(local_part.lower(), _PLAIN)

    def is_practice(self, user: str) -> bool:
        return user.lower() in self.accounts


@dataclass(frozen=True, slots=True)
class Greylisted:
    """A triple of client, sender and recipient seen before; `at` as in Session, may be negative."""

    sender: str
    recipient: str
    at: int


@dataclass(frozen=True, slots=True)
class Facts:
    """`started` is in microseconds since 1970, virtual in labs; `seed` fixes queue ids.

    `greylist` is what earlier sessions of the same client left behind.
    """

    peer: str
    nominal_port: int
    started: int
    seed: str
    directory: Directory
    greylist: tuple[Greylisted, ...] = ()


@dataclass(frozen=True, slots=True)
class TlsResult:
    """How the handshake went, as the TLS library names it ("TLSv1.3", "TLS_AES_256_GCM_SHA384").

    `failure` is "" or why there is no encryption: "plain" (what came is not TLS), "handshake", or
    "injection" (plain text came before it).
    """

    version: str = ""
    cipher: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class CredentialResult:
    """The secret of a user, None if there is no such user. In a log no secret stands: `verdict`,
    as in AuthStep, takes its place."""

    secret: str | None = field(default=None, repr=False)
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class TokenResult:
    known: bool


LAB_DIRECTORY = Directory(
    host="mx.lab.example",
    domains=frozenset({"lab.example"}),
    users=frozenset({"casey", "robin", "sam", "postmaster"}),
    accounts={"casey@lab.example": "Spring-Tide-42"},
)

_LAB_STARTED = 1_795_424_400_000_000  # 2026-11-23 09:00 UTC


def lab_facts(
    *,
    peer: str = "192.0.2.10",
    nominal_port: int = 25,
    started: int = _LAB_STARTED,
    seed: str = "lab",
    directory: Directory = LAB_DIRECTORY,
) -> Facts:
    """The common ground of proofs, notes, labs and the console."""
    return Facts(peer, nominal_port, started, seed, directory)
