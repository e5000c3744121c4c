"""What the API of a marketplace gives out and takes in: every field by name."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from rest_framework import serializers

from kernel.ids import format_public_id
from shared_apps.rest.serializers import PageQuerySerializer, PageSerializer, StrictSerializer
from tenant_apps.bookings.types import BOOKED, BookingStatus, When
from tenant_apps.catalog.types import CATEGORY_PREFIX, SERVICE_PREFIX, Approval, ServiceCard, Sorting
from tenant_apps.providers.types import PUBLIC_ID_PREFIX

type Row = Any  # Any: DRF hands any object to a serializer


class MoneySerializer(serializers.Serializer[Row]):
    """An amount in the currency's smallest unit: 9600 of GBP are 96 pounds."""

    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()


class ServiceProviderSerializer(serializers.Serializer[Row]):
    """Who offers a service; the zone is the one their hours are in."""

    id = serializers.CharField(source="public_id")
    slug = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField()


class ServiceCategorySerializer(serializers.Serializer[Row]):
    """Where a service stands."""

    id = serializers.SerializerMethodField()
    slug = serializers.CharField(source="category_slug")
    name = serializers.CharField(source="category_name")

    def get_id(self, card: ServiceCard) -> str:
        """The outside form of the category's id."""
        return format_public_id(CATEGORY_PREFIX, card.category_id)


class ServiceSerializer(serializers.Serializer[Row]):
    """A service as lists show it. `approval` is `instant`, or `request` where the provider confirms."""

    id = serializers.CharField(source="public_id")
    slug = serializers.CharField()
    path = serializers.CharField(help_text="Its page on this host.")
    title = serializers.CharField()
    summary = serializers.CharField()
    place = serializers.CharField()
    price = MoneySerializer()
    duration_minutes = serializers.IntegerField()
    approval = serializers.ChoiceField(choices=Approval.choices)
    category = ServiceCategorySerializer(source="*")
    provider = ServiceProviderSerializer()


class ServiceDetailsSerializer(ServiceSerializer):
    """A service with everything that one needs to book it."""

    description = serializers.CharField()
    included = serializers.ListField(child=serializers.CharField())
    min_notice_minutes = serializers.IntegerField()
    cancel_notice_minutes = serializers.IntegerField()
    horizon_days = serializers.IntegerField()
    max_per_day = serializers.IntegerField(allow_null=True, help_text="Bookings of this service on one day of the provider's.")
    max_per_week = serializers.IntegerField(allow_null=True, help_text="The same from Monday to Sunday.")
    is_bookable = serializers.BooleanField()


class ServicePageSerializer(PageSerializer):
    """One page of services."""

    items = ServiceSerializer(many=True)


class ServiceQuerySerializer(PageQuerySerializer):
    """What narrows the list of services."""

    search = serializers.CharField(required=False, max_length=200)
    category = serializers.CharField(required=False, max_length=80, help_text="The category's slug.")
    place = serializers.CharField(required=False, max_length=120)
    instant = serializers.BooleanField(required=False, default=False, help_text="Only what is booked at once.")
    sort = serializers.ChoiceField(choices=[one.code for one in Sorting], required=False, default=Sorting.RECOMMENDED.code)


class SlotSerializer(serializers.Serializer[Row]):
    """A free time, with the offset that the asked zone has then."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class AvailabilitySerializer(serializers.Serializer[Row]):
    """The free times, in order."""

    service = serializers.CharField()
    time_zone = serializers.CharField()
    slots = SlotSerializer(many=True)


class AvailabilityQuerySerializer(StrictSerializer):
    """A range of instants, of 31 days at most; without an offset they are on the wall clock of `time_zone`."""

    time_zone = serializers.CharField(required=False, max_length=64, help_text="IANA; the provider's own where it is left out.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of Python's own, so it cannot be an attribute."""
        return {
            "from": serializers.CharField(max_length=40, help_text="Slots start at or after this instant (ISO 8601)."),
            "to": serializers.CharField(max_length=40, help_text="Slots start before this instant (ISO 8601)."),
            **super().get_fields(),
        }


class CustomerSerializer(serializers.Serializer[Row]):
    """Who booked."""

    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.EmailField()
    phone = serializers.SerializerMethodField(help_text="E.164, or empty.")
    note = serializers.CharField()
    time_zone = serializers.CharField(source="customer_time_zone")
    language = serializers.CharField()

    def get_phone(self, booking: Row) -> str:
        """The number as it is stored."""
        return str(booking.phone.as_e164) if booking.phone else ""


class BookedServiceSerializer(serializers.Serializer[Row]):
    """The booked service under the title it had then."""

    id = serializers.SerializerMethodField()
    title = serializers.CharField(source="service_title")

    def get_id(self, booking: Row) -> str:
        """The outside form of the service's id."""
        return format_public_id(SERVICE_PREFIX, booking.service.public_id)


class BookedProviderSerializer(serializers.Serializer[Row]):
    """Whose time is booked."""

    id = serializers.SerializerMethodField()
    name = serializers.CharField(source="display_name")

    def get_id(self, provider: Row) -> str:
        """The outside form of the provider's id."""
        return format_public_id(PUBLIC_ID_PREFIX, provider.public_id)


class BookedPriceSerializer(serializers.Serializer[Row]):
    """What was agreed, in the currency's smallest unit."""

    amount_minor = serializers.IntegerField(source="price_minor")
    currency = serializers.CharField()


class BookingSerializer(serializers.Serializer[Row]):
    """A booking. Instants are in UTC; `local_start` is what the clock beside the provider shows then."""

    id = serializers.CharField(source="reference")
    status = serializers.ChoiceField(choices=BookingStatus.choices)
    service = BookedServiceSerializer(source="*")
    provider = BookedProviderSerializer()
    starts_at = serializers.DateTimeField(default_timezone=UTC)
    ends_at = serializers.DateTimeField(default_timezone=UTC)
    time_zone = serializers.CharField(help_text="The provider's.")
    local_start = serializers.CharField()
    customer = CustomerSerializer(source="*")
    price = BookedPriceSerializer(source="*")
    cancel_notice_minutes = serializers.IntegerField()
    sequence = serializers.IntegerField(help_text="Goes up with each change that calendars must follow.")
    booked_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    decided_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    closed_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    closed_by = serializers.CharField()
    closed_reason = serializers.CharField()


class NewBookingSerializer(BookingSerializer):
    """A booking just made, with the token by which its customer manages it."""

    manage_token = serializers.CharField(help_text="A secret of the customer's. Send it back as `Booking-Token`.")


class BookingPageSerializer(PageSerializer):
    """One page of bookings."""

    items = BookingSerializer(many=True)


class BookingQuerySerializer(PageQuerySerializer):
    """What narrows the list of bookings."""

    when = serializers.ChoiceField(choices=[one.value for one in When], required=False, default=When.ANY.value)
    status = serializers.ChoiceField(choices=[one.value for one in BOOKED], required=False)
    search = serializers.CharField(required=False, max_length=200, help_text="In the customer's names, address, number.")


class BookingCustomerSerializer(StrictSerializer):
    """Who books. The phone number is understood as one of the marketplace's country, or with a country code."""

    first_name = serializers.CharField(max_length=80)
    last_name = serializers.CharField(max_length=80)
    email = serializers.CharField(max_length=254)
    phone = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    time_zone = serializers.CharField(max_length=64, required=False, default="", allow_blank=True, help_text="IANA.")
    language = serializers.CharField(max_length=8, required=False, default="", allow_blank=True)


class StartSerializer(StrictSerializer):
    """When it is to start: with an offset, or on the wall clock of `time_zone`."""

    starts_at = serializers.CharField(max_length=40, help_text="ISO 8601: `2026-11-20T10:00:00+01:00`.")
    time_zone = serializers.CharField(max_length=64, required=False, default="", help_text="IANA; needed without an offset.")


class BookSerializer(StartSerializer):
    """What it takes to book."""

    service = serializers.CharField(max_length=40, help_text="The service's id.")
    customer = BookingCustomerSerializer()


class ReasonSerializer(StrictSerializer):
    """Why; the other side reads it."""

    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class DecisionSerializer(StrictSerializer):
    """`seen_sequence` is the booking's `sequence` that was looked at: what has changed since is not agreed to unread."""

    seen_sequence = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class DeclineSerializer(DecisionSerializer):
    """A no, with a reason that the customer reads."""

    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
