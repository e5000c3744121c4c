"""What the platform's API gives out and takes in: every field by name."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from rest_framework import serializers

from kernel.ids import format_public_id
from provisioning.models import Run
from provisioning.services import RUN_PREFIX
from provisioning.types import RunKind, RunState, StepState
from shared_apps.rest.serializers import PageQuerySerializer, PageSerializer, StrictSerializer
from tenants.models import Tenant
from tenants.types import TENANT_PREFIX, TenantStatus

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

    # Which values make sense is `check_request`'s to say, for the form and the shell alike.
    slug = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=80)
    owner_email = serializers.CharField(max_length=254)
    owner_name = serializers.CharField(max_length=120, required=False)
    blueprint = serializers.CharField(max_length=32)
    plan = serializers.CharField(max_length=32)
    brand_color = serializers.CharField(max_length=7, required=False, help_text="`#rrggbb`.")
    accent_color = serializers.CharField(max_length=7, required=False, help_text="`#rrggbb`.")
    tagline = serializers.CharField(max_length=120, required=False)
    locale = serializers.CharField(max_length=16, required=False, help_text="Like `en-GB`.")
    currency = serializers.CharField(max_length=3, required=False, help_text="ISO 4217.")
    time_zone = serializers.CharField(max_length=64, required=False, help_text="IANA.")


class UndoSerializer(StrictSerializer):
    """`confirmed_name` is the organization's slug: with its run, it goes with all its data."""

    confirmed_name = serializers.CharField(max_length=60)


class EmptySerializer(StrictSerializer):
    """Nothing."""
