"""A guest signs up or logs in: what the guest made becomes the account's."""

from django.db import transaction
from django.utils import timezone

from .models import Learner, User


@transaction.atomic
def claim(guest_id: int, user: User) -> Learner:
    """The account's learner, now owning the guest's rows.

    An account without a learner takes the guest's; otherwise the rows move and the empty
    guest is deleted. A guest that is gone or claimed already changes nothing.
    """
    # The account's row is the lock: guests from two browsers are claimed one after the other.
    account = User.objects.select_for_update().get(pk=user.pk)
    guest = Learner.objects.guests().select_for_update().filter(pk=guest_id).first()
    learner = Learner.objects.filter(user=account).first()
    if guest is None:
        return learner or Learner.objects.create(user=account)
    if learner is None:
        guest.user = account
        guest.save(update_fields=["user"])
        return guest
    now = timezone.now()
    for rows in guest.owned_rows().values():
        rows.move_to(learner, now=now)
    guest.delete()
    return learner
