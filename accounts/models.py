"""Who learns here: accounts (e-mail login) and learners, with or without an account."""

import zoneinfo
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .time_zones import UTC, time_zone_names


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail address"), unique=True)
    is_staff = models.BooleanField(
        _("author"), default=False, help_text=_("May open the authors' pages.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_whatever_case",
                violation_error_message=_("An account with this e-mail address exists already."),
            ),
            models.CheckConstraint(condition=~models.Q(email=""), name="user_email_not_empty"),
        ]

    def __str__(self) -> str:
        return self.email


class OwnedQuerySet(models.QuerySet):
    """Rows that a learner made. Each such model hangs on `learner` and is exported,
    moved at a claim and deleted with its owner through `Learner`'s reverse relations."""

    def owned_by(self, learner: "Learner | None") -> "OwnedQuerySet":
        return self.none() if learner is None else self.filter(learner=learner)

    def move_to(self, learner: "Learner", *, now: datetime) -> None:
        self.update(learner=learner)

    def exported(self) -> list[dict[str, Any]]:
        return list(self.values())


def validate_time_zone(name: str) -> None:
    if name not in time_zone_names():
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})


class LearnerQuerySet(models.QuerySet["Learner"]):
    def guests(self) -> "LearnerQuerySet":
        return self.filter(user__isnull=True)

    def abandoned(self, since: datetime) -> "LearnerQuerySet":
        """Guests who began nothing after `since`; their cookie is gone by then."""
        idle = self.guests().filter(created_at__lt=since)
        return idle.exclude(attempts__started_at__gte=since)


class Learner(models.Model):
    """A person who learns: an account or a guest. Owns every row that person makes."""

    class TimePercent(models.IntegerChoices):
        """What exams allow this person, in percent of their time."""

        PLAIN = 100, _("the time of the room")
        QUARTER = 125, _("a quarter more (×1.25)")
        HALF = 150, _("half as much again (×1.5)")
        DOUBLE = 200, _("twice the time (×2)")
        UNTIMED = 0, _("no limit")

    user = models.OneToOneField(User, models.CASCADE, null=True, blank=True, related_name="learner")
    time_zone = models.CharField(
        _("time zone"), max_length=64, default=UTC, validators=[validate_time_zone]
    )
    time_percent = models.PositiveSmallIntegerField(
        _("time in exams"), choices=TimePercent, default=TimePercent.PLAIN
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = LearnerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="learner_time_percent_known",
                condition=models.Q(time_percent__in=[0, 100, 125, 150, 200]),
            )
        ]

    def __str__(self) -> str:
        return self.user.email if self.user else f"guest {self.pk}"

    @property
    def is_guest(self) -> bool:
        return self.user_id is None

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """UTC where this machine's tz database lacks the name: databases differ in old names,
        and a page with times in UTC is better than none."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone)
        except zoneinfo.ZoneInfoNotFoundError:
            return zoneinfo.ZoneInfo(UTC)

    def owned_rows(self) -> dict[str, OwnedQuerySet]:
        """All rows this learner made, by the name of the reverse relation."""
        return {
            relation.get_accessor_name(): relation.related_model._default_manager.owned_by(self)
            for relation in self._meta.related_objects
        }


class TimeChange(models.Model):
    """When a learner's time in exams was set to what: the record behind a deadline."""

    learner = models.ForeignKey(Learner, models.CASCADE, related_name="time_changes")
    at = models.DateTimeField(default=timezone.now)
    before = models.PositiveSmallIntegerField(choices=Learner.TimePercent)
    after = models.PositiveSmallIntegerField(choices=Learner.TimePercent)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of the time in exams")
        verbose_name_plural = _("changes of the time in exams")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                name="timechange_changes",
                condition=~models.Q(before=models.F("after")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
