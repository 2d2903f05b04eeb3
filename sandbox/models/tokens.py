"""The word by which a learner's mail programs say whose session it is."""

import secrets
import string

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Learner, OwnedQuerySet

LENGTH = 16
_ALPHABET = string.ascii_lowercase + string.digits


def new_value() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))


class SandboxTokenQuerySet(OwnedQuerySet):
    def valid(self) -> "SandboxTokenQuerySet":
        return self.filter(revoked_at=None)


class SandboxToken(models.Model):
    """User name and password of the learner's own login at the sandbox, and the name of the
    learner's own domain there. It opens nothing on the site."""

    learner = models.ForeignKey(Learner, models.CASCADE, related_name="sandbox_tokens")
    value = models.CharField(max_length=LENGTH, unique=True, default=new_value)
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(
        null=True, help_text=_("From then on the token claims no session.")
    )

    objects = SandboxTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="sandboxtoken_letters_and_digits",
                condition=models.Q(value__regex=r"^[a-z0-9]{16}$"),
            )
        ]

    def __str__(self) -> str:
        return self.value
