"""Domains as the platform's API gives them out and takes them in."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from rest_framework import serializers

from shared_apps.domains.models import CustomDomain
from shared_apps.domains.selectors import lines_of, records_of
from shared_apps.domains.types import Aspect, ClaimState
from shared_apps.rest.serializers import StrictSerializer

type Row = Any  # Any: DRF hands any object to a serializer


class RecordSerializer(serializers.Serializer[Row]):
    """A record to set at the DNS provider. `ALIAS` stands for whatever it calls a CNAME at the top of a zone."""

    kind = serializers.ChoiceField(choices=["TXT", "CNAME", "ALIAS", "A", "AAAA", "CAA"])
    name = serializers.CharField()
    value = serializers.CharField()


class FindingSerializer(serializers.Serializer[Row]):
    """What the last look found about one aspect, and what to do about it."""

    aspect = serializers.ChoiceField(choices=Aspect.choices)
    text = serializers.CharField(source="sentence.text")
    cure = serializers.CharField(source="sentence.cure")
    kind = serializers.ChoiceField(source="sentence.kind", choices=["ok", "info", "warn", "bad"])
    detail = serializers.CharField()
    seen_at = serializers.DateTimeField(source="at", default_timezone=UTC, allow_null=True)
    silent_since = serializers.DateTimeField(default_timezone=UTC, allow_null=True)


class ChangeSerializer(serializers.Serializer[Row]):
    """Something about a domain that became another thing at a moment."""

    aspect = serializers.ChoiceField(choices=Aspect.choices)
    text = serializers.CharField(source="sentence.text")
    detail = serializers.CharField()
    at = serializers.DateTimeField(default_timezone=UTC)


class ChangeListSerializer(serializers.Serializer[Row]):
    """What changed about a domain, the newest first; the last twenty."""

    items = ChangeSerializer(many=True)


class AddressSerializer(serializers.Serializer[Row]):
    """The address of an organization below the platform's own name."""

    host = serializers.CharField()


class DomainSerializer(serializers.Serializer[Row]):
    """A domain that an organization brought along."""

    id = serializers.CharField(source="outside_id")
    host = serializers.CharField()
    state = serializers.ChoiceField(choices=ClaimState.choices)
    release_reason = serializers.CharField()
    is_primary = serializers.SerializerMethodField()
    records = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()
    claimed_at = serializers.DateTimeField(default_timezone=UTC)
    claim_expires_at = serializers.DateTimeField(default_timezone=UTC)
    checked_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    failing_since_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    releases_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    certificate_expires_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)

    def get_is_primary(self, domain: CustomDomain) -> bool:
        """Whether the other addresses redirect to it."""
        return bool(self.context["primary_host"] == domain.host)

    def get_records(self, domain: CustomDomain) -> list[dict[str, str]]:
        """What to set in DNS, the proof first."""
        return [dict(RecordSerializer(record).data) for record in records_of(domain)]

    def get_findings(self, domain: CustomDomain) -> list[dict[str, str | None]]:
        """What the last look found."""
        return [dict(FindingSerializer(line).data) for line in lines_of(domain)]


class DomainListSerializer(serializers.Serializer[Row]):
    """All domains of an organization: there are never more than a page of them."""

    items = DomainSerializer(many=True)


class ClaimSerializer(StrictSerializer):
    """The name to bring along; in its own letters or as an A-label."""

    host = serializers.CharField(max_length=253)


class ReleaseSerializer(StrictSerializer):
    """`confirmed_name` is the domain's own host."""

    confirmed_name = serializers.CharField(max_length=253)
