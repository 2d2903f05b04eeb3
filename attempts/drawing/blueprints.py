"""What a form of an exam holds here: our mail blueprint over the vendor's weights and our bank."""

from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Sum

from questions.models import Domain, Room

from .choosing import share_out


@dataclass(frozen=True, slots=True)
class Share:
    """One domain: `percent` of the form, `n_items` of it, out of `n_families` in the bank."""

    domain: Domain
    percent: int
    n_items: int
    n_families: int


@dataclass(frozen=True, slots=True)
class FormPlan:
    """`empty` are the domains that hold no mail question, or too few for any form."""

    room: Room
    shares: list[Share]
    empty: list[Domain]

    @property
    def n_items(self) -> int:
        return sum(share.n_items for share in self.shares)

    @property
    def minutes(self) -> int:
        """Rounded up."""
        return -(-self.n_items * self.room.item_seconds // 60)

    @property
    def is_short(self) -> bool:
        return self.n_items < self.room.n_items

    def minutes_at(self, time_percent: int) -> float | None:
        """None without a limit."""
        return self.minutes * time_percent / 100 if time_percent else None


def form_plan(room: Room) -> FormPlan:
    """No domain gives more than half of its families, so that a second form can be fresh; what
    it cannot give goes to the others by weight. One query."""
    domains = list(room.exam.domains.annotate(n_families=Sum("cells__n_families")))
    weights = [_weight(domain) if domain.n_families else Fraction(0) for domain in domains]
    capacities = [(domain.n_families or 0) // 2 for domain in domains]
    quotas = share_out(weights, capacities, room.n_items)
    n = sum(quotas)
    return FormPlan(
        room=room,
        shares=[
            Share(domain, round(100 * quota / n), quota, domain.n_families)
            for domain, quota in zip(domains, quotas, strict=True)
            if quota
        ],
        empty=[domain for domain, quota in zip(domains, quotas, strict=True) if not quota],
    )


def _weight(domain: Domain) -> Fraction:
    """The middle of a range; a domain without a weight counts as the smallest."""
    low, high = domain.weight_low_percent, domain.weight_high_percent
    return Fraction(low + high, 2) if low is not None and high is not None else Fraction(1)
