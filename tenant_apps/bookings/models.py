"""Booked time. Two exclusion constraints make an overlap impossible, whoever writes."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from kernel.ids import new_id
from tenant_apps.catalog.models import Service
from tenant_apps.providers.models import Provider
from tenants.stamp import ScopedModel


class BookingStatus(models.TextChoices):
    """The states of a booking; rules.TRANSITIONS says which may follow which."""

    HELD = "held", _("Held")
    PENDING = "pending", _("Waiting for the provider")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    COMPLETED = "completed", _("Completed")
    NO_SHOW = "no_show", _("Did not come")


OCCUPYING: Final = (BookingStatus.HELD, BookingStatus.PENDING, BookingStatus.CONFIRMED)


class Booking(ScopedModel):
    """One customer's time with one provider.

    `starts_at`/`ends_at` is the time that is shown and priced. Two ranges are kept free: `time_and_after` is that time
    with the buffer behind it, `before_and_time` with the buffer before it. Excluding overlap within each of the two
    keeps a buffer clear of every other service, while the buffers of neighbours may lie on each other (BOOKING row 11):
    a single range with both buffers would add them up.

    `local_start` is what the customer meant, in the provider's zone ("2026-11-13T16:30"), should the zone's rules change.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="bookings")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="bookings")
    status = models.CharField(max_length=16, choices=BookingStatus)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_and_after = DateTimeRangeField()
    before_and_time = DateTimeRangeField()
    time_zone = models.CharField(max_length=64)
    local_start = models.CharField(max_length=16)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="bookings"
    )
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    email = models.EmailField()
    phone = PhoneNumberField(blank=True)
    note = models.TextField(max_length=2000, blank=True)
    customer_time_zone = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    # What was agreed, whatever happens to the service later.
    service_title = models.CharField(max_length=120)
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    cancel_notice_minutes = models.PositiveIntegerField()
    hold_key = models.UUIDField(null=True, blank=True)
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    # Goes up with each change that calendars must follow (RFC 5545, SEQUENCE).
    sequence = models.PositiveIntegerField(default=0)
    # Raising it makes every manage link sent before worthless.
    link_epoch = models.PositiveIntegerField(default=0)
    moved_from_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="booking_after_free",
                expressions=[("provider", RangeOperators.EQUAL), ("time_and_after", RangeOperators.OVERLAPS)],
                condition=models.Q(status__in=OCCUPYING),
            ),
            ExclusionConstraint(
                name="booking_before_free",
                expressions=[("provider", RangeOperators.EQUAL), ("before_and_time", RangeOperators.OVERLAPS)],
                condition=models.Q(status__in=OCCUPYING),
            ),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="booking_ends_after_start"),
            models.CheckConstraint(
                condition=~models.Q(status=BookingStatus.HELD) | models.Q(hold_expires_at__isnull=False),
                name="booking_hold_expires",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "starts_at"], name="booking_provider_start"),
            models.Index(fields=["hold_expires_at"], condition=models.Q(status=BookingStatus.HELD), name="booking_holds"),
        ]
