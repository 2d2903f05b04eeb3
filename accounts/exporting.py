"""Everything the site keeps about one person, as plain data to take away."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress

from .models import Learner, User


def export_of(user: User | None, learner: Learner | None, *, now: datetime) -> dict[str, Any]:
    """Never a secret: no password hash, no key of two-step login. Times are UTC."""
    return {
        "exported_at": now,
        "account": user and exported_account(user),
        "learner": learner and exported_learner(learner),
    }


def exported_account(user: User) -> dict[str, Any]:
    addresses = EmailAddress.objects.filter(user=user).order_by("pk")
    return {
        "email": user.email,
        "email_addresses": list(addresses.values("email", "verified", "primary")),
        "joined_at": user.date_joined,
        "last_login_at": user.last_login,
    }


def exported_learner(learner: Learner) -> dict[str, Any]:
    owned = {name: rows.exported() for name, rows in learner.owned_rows().items()}
    return {"since": learner.created_at, "time_zone": learner.time_zone, **owned}
