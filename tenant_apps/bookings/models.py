"""Booked time. Two exclusion constraints make an overlap impossible, whoever writes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from kernel.ids import format_public_id, new_id
from kernel.intervals import Interval
from tenant_apps.bookings.querysets import BookingQuerySet
from tenant_apps.bookings.types import OCCUPYING, BookingStatus, Party
from tenant_apps.catalog.models import Service
from tenant_apps.providers.models import Provider
from tenants.stamp import ScopedModel

PREFIX: Final = "bkg"
LONGEST: Final = timedelta(days=1)
"""No service lasts longer (catalog). It bounds how far back a search for what overlaps an instant must look."""


class Booking(ScopedModel):
    """One customer's time with one provider.

    `starts_at`/`ends_at` is the time that is shown and priced. Two ranges are kept free: `time_and_after` is that time
    with the buffer behind it, `before_and_time` with the buffer before it. Excluding overlap within each of the two
    keeps a buffer clear of every other service, while the buffers of neighbours may lie on each other (BOOKING row 11):
    a single range with both buffers would add them up.

    `local_start` is what the customer meant, in the provider's zone ("2026-11-13T16:30"), should the zone's rules change.
    A hold has no customer yet. `due_at` is when the booking changes by itself unless somebody does before: a hold or an
    unanswered request lapses, a confirmed booking is done. `hold_key` names one attempt to book, made up by the page or the
    client that books: a second try with the same key meets its own booking.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    # The index on provider and start serves this key too.
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="bookings", db_index=False)
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
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    email = models.EmailField(blank=True)
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
    due_at = models.DateTimeField(null=True, blank=True)
    # Goes up with each change that calendars must follow (RFC 5545, SEQUENCE).
    sequence = models.PositiveIntegerField(default=0)
    # Raising it makes every manage link sent before worthless.
    link_epoch = models.PositiveIntegerField(default=0)
    booked_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    # The start before the last move.
    moved_from_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=16, choices=Party, blank=True)
    closed_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="booking_after_free",
                expressions=[("provider", RangeOperators.EQUAL), ("time_and_after", RangeOperators.OVERLAPS)],
                condition=Q(status__in=OCCUPYING),
            ),
            ExclusionConstraint(
                name="booking_before_free",
                expressions=[("provider", RangeOperators.EQUAL), ("before_and_time", RangeOperators.OVERLAPS)],
                condition=Q(status__in=OCCUPYING),
            ),
            models.UniqueConstraint(fields=["hold_key"], condition=Q(status__in=OCCUPYING), name="booking_one_per_attempt"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), ends_at__lte=F("starts_at") + LONGEST), name="booking_length"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=OCCUPYING) | Q(due_at__isnull=False),
                name="booking_open_has_end",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[BookingStatus.HELD, BookingStatus.EXPIRED])
                | (~Q(first_name="") & ~Q(email="") & Q(booked_at__isnull=False)),
                name="booking_has_customer",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "starts_at"], name="booking_provider_start"),
            models.Index(fields=["starts_at", "id"], name="booking_start"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="booking_due"),
        ]

    @property
    def reference(self) -> str:
        """The id that leaves the platform: `bkg_01k9…`."""
        return format_public_id(PREFIX, self.public_id)

    @property
    def shown(self) -> Interval:
        """The time that is shown and priced."""
        return Interval(self.starts_at, self.ends_at)

    @property
    def customer_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
