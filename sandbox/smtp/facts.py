"""What a session is told about the world instead of looking for itself: peer, time, seed, users."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Directory:
    """Who has a mailbox here. Domains and users are lower case and compared without regard to case.

    A host that takes mail SHOULD not tell users apart by case (RFC 5321 section 2.4).
    """

    host: str
    domains: frozenset[str]
    users: frozenset[str]

    def serves(self, domain: str) -> bool:
        return domain.lower() in self.domains

    def knows(self, local_part: str) -> bool:
        return local_part.lower() in self.users


@dataclass(frozen=True, slots=True)
class Facts:
    """`started` is in microseconds since 1970, virtual in labs; `seed` fixes queue ids."""

    peer: str
    nominal_port: int
    started: int
    seed: str
    directory: Directory


LAB_DIRECTORY = Directory(
    host="mx.lab.example",
    domains=frozenset({"lab.example"}),
    users=frozenset({"casey", "robin", "sam", "postmaster"}),
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
