"""Domains of one organization, for operators' keys only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.ids import format_public_id
from provisioning.api.domain_serializers import ClaimSerializer, DomainListSerializer, DomainSerializer, ReleaseSerializer
from provisioning.api.serializers import EmptySerializer
from provisioning.api.views import PlatformView
from shared_apps.console.selectors import tenant_for
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.selectors import domain_for, domains_for, primary_host_of
from shared_apps.domains.services import check_domain_now, claim_domain, release_domain, use_as_primary
from shared_apps.domains.types import DOMAIN_PREFIX
from shared_apps.rest.repeating import answer_once
from shared_apps.rest.serializers import fields_named, read_body
from shared_apps.rest.types import Access
from shared_apps.rest.views import created, id_in_path
from tenants.types import TENANT_PREFIX

_READ, _WRITE = Access("domains:read"), Access("domains:write")


class DomainView(PlatformView):
    """What all of them share: whose domain it is, and how it is given out."""

    def tenant_id(self, text: str) -> UUID:
        """The organization in the address.

        Raises:
            PermissionDenied, NotFound.
        """
        return tenant_for(actor=self.actor, tenant_id=id_in_path(TENANT_PREFIX, text)).pk

    def answer(self, domain: CustomDomain) -> Response:
        """The domain as it is now."""
        return Response(self.drawn(domain))

    def drawn(self, domain: CustomDomain) -> Mapping[str, object]:
        """The domain's fields."""
        return DomainSerializer(domain, context={"primary_host": primary_host_of(domain.tenant_id)}).data


class DomainsView(DomainView):
    """The domains of an organization; a new one."""

    access: ClassVar[Mapping[str, Access]] = {"GET": _READ, "POST": _WRITE}

    @extend_schema(
        operation_id="list_domains", summary="List the domains of an organization", tags=["domains"],
        responses=DomainListSerializer,
    )  # fmt: skip
    def get(self, request: Request, tenant_id: str) -> Response:
        """All that it has or wants, by name."""
        del request
        owner = self.tenant_id(tenant_id)
        context = {"primary_host": primary_host_of(owner)}
        found = domains_for(actor=self.actor, tenant_id=owner)
        return Response({"items": DomainSerializer(found, many=True, context=context).data})

    @extend_schema(
        operation_id="claim_domain", summary="Claim a domain", tags=["domains"],
        request=ClaimSerializer, responses={201: DomainSerializer},
    )  # fmt: skip
    def post(self, request: Request, tenant_id: str) -> Response:
        """Begin to bring a domain along. Set the `records` of the answer, then `verify`."""
        return answer_once(request, lambda: self._claim(request, self.tenant_id(tenant_id)))

    def _claim(self, request: Request, tenant_id: UUID) -> Response:
        host = read_body(ClaimSerializer, request)["host"]
        domain = claim_domain(actor=self.actor, tenant_id=tenant_id, host=host)
        owner = format_public_id(TENANT_PREFIX, tenant_id)
        return created(self.drawn(domain), f"/api/v1/tenants/{owner}/domains/{domain.outside_id}")


class OneDomainView(DomainView):
    """One domain."""

    access: ClassVar[Mapping[str, Access]] = {"GET": _READ}

    @extend_schema(operation_id="get_domain", summary="Get a domain", tags=["domains"], responses=DomainSerializer)
    def get(self, request: Request, tenant_id: str, domain_id: str) -> Response:
        """A domain with its records and what the last look found."""
        del request
        wanted = id_in_path(DOMAIN_PREFIX, domain_id)
        return self.answer(domain_for(actor=self.actor, tenant_id=self.tenant_id(tenant_id), domain_id=wanted))


class VerifyView(DomainView):
    """A look, now."""

    access: ClassVar[Mapping[str, Access]] = {"POST": _WRITE}

    @extend_schema(
        operation_id="verify_domain", summary="Check a domain now", tags=["domains"],
        request=EmptySerializer, responses=DomainSerializer,
    )  # fmt: skip
    def post(self, request: Request, tenant_id: str, domain_id: str) -> Response:
        """Ask DNS for proof and address, now. Needs no idempotency key: a look can be repeated, some seconds apart."""
        read_body(EmptySerializer, request)
        # Not by `answer_once`, which holds a transaction open meanwhile: other people's name servers take their time.
        wanted = id_in_path(DOMAIN_PREFIX, domain_id)
        return self.answer(check_domain_now(actor=self.actor, tenant_id=self.tenant_id(tenant_id), domain_id=wanted))


class PrimaryView(DomainView):
    """The main address."""

    access: ClassVar[Mapping[str, Access]] = {"POST": _WRITE}

    @extend_schema(
        operation_id="make_domain_primary", summary="Make a domain the main address", tags=["domains"],
        request=EmptySerializer, responses=DomainSerializer,
    )  # fmt: skip
    def post(self, request: Request, tenant_id: str, domain_id: str) -> Response:
        """The other addresses redirect to it from the next second on, path and query kept."""
        return answer_once(request, lambda: self._choose(request, tenant_id, id_in_path(DOMAIN_PREFIX, domain_id)))

    def _choose(self, request: Request, tenant_id: str, domain_id: UUID) -> Response:
        read_body(EmptySerializer, request)
        return self.answer(use_as_primary(actor=self.actor, tenant_id=self.tenant_id(tenant_id), domain_id=domain_id))


class ReleaseView(DomainView):
    """The end."""

    access: ClassVar[Mapping[str, Access]] = {"POST": _WRITE}

    @extend_schema(
        operation_id="release_domain", summary="Release a domain", tags=["domains"],
        request=ReleaseSerializer, responses=DomainSerializer,
    )  # fmt: skip
    def post(self, request: Request, tenant_id: str, domain_id: str) -> Response:
        """Give a domain up; it is answered for no more within seconds."""
        return answer_once(request, lambda: self._release(request, tenant_id, id_in_path(DOMAIN_PREFIX, domain_id)))

    def _release(self, request: Request, tenant_id: str, domain_id: UUID) -> Response:
        typed = read_body(ReleaseSerializer, request)["confirmed_name"]
        owner = self.tenant_id(tenant_id)
        with fields_named({"confirm_name": "confirmed_name"}):
            domain = release_domain(actor=self.actor, tenant_id=owner, domain_id=domain_id, confirmed_name=typed)
        return self.answer(domain)
