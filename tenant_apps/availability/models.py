"""What a provider and an organization have said about their hours."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.ids import new_id
from tenant_apps.availability.types import MINUTES_A_DAY, WEEK_DAYS, ExceptionKind
from tenant_apps.providers.models import Provider
from tenants.stamp import ScopedModel

_MINUTES = Func(F("starts_minute"), F("ends_minute"), function="int4range")
_ONE_DAY = Q(starts_minute__lt=F("ends_minute"), ends_minute__lte=MINUTES_A_DAY)

_KINDS = {ExceptionKind.OPEN.value: _("Other hours"), ExceptionKind.CLOSED.value: _("Closed")}


class WeeklyWindow(ScopedModel):
    """Open hours on one weekday (0 is Monday), in minutes of the provider's wall clock; 1440 is 24:00."""

    # The exclusion constraint's index begins with the provider, so another one would only cost.
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="weekly_windows", db_index=False)
    weekday = models.PositiveSmallIntegerField()
    starts_minute = models.PositiveSmallIntegerField()
    ends_minute = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "starts_minute"]
        constraints = [
            models.CheckConstraint(condition=_ONE_DAY & Q(weekday__lt=WEEK_DAYS), name="weekly_window_in_a_day"),
            ExclusionConstraint(
                name="weekly_window_overlap",
                expressions=[
                    ("provider", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (_MINUTES, RangeOperators.OVERLAPS),
                ],
            ),
        ]


class DateException(ScopedModel):
    """A date that differs: open minutes replace the weekly ones of that date, closed minutes are taken out of either.

    A whole closed day is 0 to 1440. As rows of one kind may not overlap, there is one such row a day at most.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="date_exceptions", db_index=False)
    on_date = models.DateField()
    kind = models.CharField(max_length=8, choices=_KINDS)
    starts_minute = models.PositiveSmallIntegerField(default=0)
    ends_minute = models.PositiveSmallIntegerField(default=MINUTES_A_DAY)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["on_date", "starts_minute"]
        constraints = [
            models.CheckConstraint(condition=_ONE_DAY, name="date_exception_in_a_day"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in ExceptionKind]), name="date_exception_kind"),
            ExclusionConstraint(
                name="date_exception_overlap",
                expressions=[
                    ("provider", RangeOperators.EQUAL),
                    ("on_date", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (_MINUTES, RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Blackout(ScopedModel):
    """Time in which the organization takes no bookings with anybody: a holiday, a move, a works outing."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["starts_at"]
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="blackout_ends_after_start")]
