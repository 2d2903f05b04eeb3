"""The word that makes sessions of a learner's programs theirs: made, shown, exchanged."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Learner

from .models import SandboxToken


def token_of(learner: Learner | None) -> str:
    """ "" if there is none."""
    token = SandboxToken.objects.owned_by(learner).valid().first()
    return token.value if token else ""


def exchange_token(learner: Learner) -> SandboxToken:
    """The old one claims nothing from now on."""
    with transaction.atomic():
        learner.sandbox_tokens.valid().update(revoked_at=timezone.now())
        return SandboxToken.objects.create(learner=learner)
