"""Makes the first author from the environment, so that a new site can be written to at once."""

from allauth.account.models import EmailAddress
from django.core.validators import validate_email
from django.db import transaction

from .models import User


@transaction.atomic
def ensure_author(email: str, password: str) -> bool:
    """Makes a superuser with a verified address; False if the address has an account already,
    which then stays as it is, rights and password too. ValidationError: not an address."""
    validate_email(email)
    if User.objects.filter(email__iexact=email).exists():
        return False
    author = User.objects.create_superuser(email, password)
    EmailAddress.objects.create(user=author, email=author.email, verified=True, primary=True)
    return True
