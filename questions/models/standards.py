"""The RFCs that the bank cites and what has become of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Standard(models.Model):
    rfc = models.PositiveIntegerField(_("RFC"), unique=True)
    title = models.CharField(_("title"), max_length=200)
    year = models.PositiveSmallIntegerField(_("year"))
    status = models.CharField(_("status"), max_length=80)
    obsoleted_by = models.ManyToManyField("self", symmetrical=False, related_name="obsoletes")
    updated_by = models.ManyToManyField("self", symmetrical=False, related_name="updates")
    checked_on = models.DateField(_("checked on"))

    class Meta:
        ordering = ["rfc"]

    def __str__(self) -> str:
        return f"RFC {self.rfc}"
