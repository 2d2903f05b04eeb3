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
    now = timezone.now()
    guest = Learner.objects.guests().select_for_update().filter(pk=guest_id).first()
    learner = Learner.objects.filter(user=user).first()
    if guest is None:
        return learner or Learner.objects.get_or_create(user=user)[0]
    if learner is None:
        guest.user = user
        guest.save(update_fields=["user"])
        return guest
    for relation in Learner._meta.related_objects:
        owned = relation.related_model._default_manager.filter(**{relation.field.name: guest})
        owned.move_to(learner, now=now)
    guest.delete()
    return learner
