"""What the platform's API gives out and takes in: every field by name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from kernel.ids import format_public_id
from provisioning.content.reading import blueprint_ids
from provisioning.models import Run
from provisioning.services import RUN_PREFIX
from provisioning.types import RunKind, RunState, StepState
from shared_apps.plans.selectors import offered_plans
from shared_apps.rest.serializers import PageQuerySerializer, PageSerializer, StrictSerializer
from tenant_apps.availability.errors import InvalidTime
from tenant_apps.availability.selectors import zone_named
from tenants.models import Tenant
from tenants.types import TenantStatus

TENANT_PREFIX: Final = "ten"
_COLOR: Final = r"^#[0-9a-fA-F]{6}$"

type Row = Any  # Any: DRF hands any object to a serializer


class TenantSerializer(serializers.Serializer[Row]):
    """An organization as the registry has it."""

    id = serializers.SerializerMethodField()
    slug = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=TenantStatus.choices)
    kind = serializers.CharField()
    plan = serializers.CharField(source="plan_code")
    trial_ends_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    url = serializers.SerializerMethodField()
    locale = serializers.CharField()
    currency = serializers.CharField()
    time_zone = serializers.CharField()
    owner_email = serializers.EmailField()
    schema_version = serializers.CharField()
    created_at = serializers.DateTimeField(default_timezone=UTC)

    def get_id(self, tenant: Tenant) -> str:
        """The outside form of the id."""
        return format_public_id(TENANT_PREFIX, tenant.pk)

    def get_url(self, tenant: Tenant) -> str:
        """Where the marketplace is."""
        return tenant.as_context().base_url


class TenantPageSerializer(PageSerializer):
    """One page of organizations."""

    items = TenantSerializer(many=True)


class TenantQuerySerializer(PageQuerySerializer):
    """What narrows the list of organizations."""

    status = serializers.ChoiceField(choices=TenantStatus.choices, required=False)


class StepSerializer(serializers.Serializer[Row]):
    """One step of a run."""

    name = serializers.CharField()
    state = serializers.ChoiceField(choices=StepState.choices)
    attempt = serializers.IntegerField()
    started_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    finished_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()


class RunSerializer(serializers.Serializer[Row]):
    """A run with its steps, first to last. `tenant` is null until the organization has a row."""

    id = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=RunKind.choices)
    state = serializers.ChoiceField(choices=RunState.choices)
    tenant = serializers.SerializerMethodField()
    slug = serializers.SerializerMethodField()
    requested_by = serializers.CharField()
    created_at = serializers.DateTimeField(default_timezone=UTC)
    started_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    finished_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    error = serializers.CharField()
    steps = StepSerializer(many=True)

    def get_id(self, run: Run) -> str:
        """The outside form of the id."""
        return format_public_id(RUN_PREFIX, run.public_id)

    def get_tenant(self, run: Run) -> str | None:
        """The outside form of the organization's id."""
        return None if run.tenant_id is None else format_public_id(TENANT_PREFIX, run.tenant_id)

    def get_slug(self, run: Run) -> str:
        """The name that was asked for."""
        return str(run.request.get("slug", ""))


class RunPageSerializer(PageSerializer):
    """One page of runs."""

    items = RunSerializer(many=True)


class RunQuerySerializer(PageQuerySerializer):
    """What narrows the list of runs."""

    state = serializers.ChoiceField(choices=RunState.choices, required=False)


class OrderSerializer(StrictSerializer):
    """A new organization. What is left out is as its kind of market (`blueprint`) has it."""

    slug = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=80)
    owner_email = serializers.EmailField(max_length=254)
    owner_name = serializers.CharField(max_length=120, required=False)
    blueprint = serializers.CharField(max_length=32)
    plan = serializers.CharField(max_length=32)
    brand_color = serializers.RegexField(_COLOR, required=False, help_text="`#rrggbb`.")
    accent_color = serializers.RegexField(_COLOR, required=False, help_text="`#rrggbb`.")
    tagline = serializers.CharField(max_length=120, required=False)
    locale = serializers.CharField(max_length=16, required=False, help_text="Like `en-GB`.")
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, help_text="ISO 4217.")
    time_zone = serializers.CharField(max_length=64, required=False, help_text="IANA.")

    def validate_blueprint(self, blueprint: str) -> str:
        """One that there is."""
        return _one_of(blueprint, blueprint_ids())

    def validate_plan(self, code: str) -> str:
        """One that is on offer."""
        return _one_of(code, [plan.code for plan in offered_plans()])

    def validate_locale(self, locale: str) -> str:
        """One that is known."""
        try:
            Locale.parse(locale, sep="-")
        except (ValueError, UnknownLocaleError):
            raise serializers.ValidationError(_("This is not a locale. Write it like en-GB.")) from None
        return locale

    def validate_time_zone(self, zone: str) -> str:
        """One that is known."""
        try:
            return zone_named(zone)
        except InvalidTime as error:
            raise serializers.ValidationError(error.message) from error


class UndoSerializer(StrictSerializer):
    """`confirmed_name` is the organization's slug: with its run, it goes with all its data."""

    confirmed_name = serializers.CharField(max_length=60)


class EmptySerializer(StrictSerializer):
    """Nothing."""


def _one_of(value: str, known: Iterable[str]) -> str:
    names = list(known)
    if value not in names:
        raise serializers.ValidationError(_("Choose one of these: %(known)s.") % {"known": ", ".join(names)})
    return value
