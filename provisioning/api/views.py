"""Organizations and runs, for operators' keys only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import DomainError
from kernel.ids import format_public_id
from provisioning.api import problems as _registered  # noqa: F401  # says what our refusals add to their documents
from provisioning.api.authentication import OperatorKeyAuthentication
from provisioning.api.serializers import (
    EmptySerializer,
    OrderSerializer,
    RunPageSerializer,
    RunQuerySerializer,
    RunSerializer,
    TenantPageSerializer,
    TenantQuerySerializer,
    TenantSerializer,
    UndoSerializer,
)
from provisioning.selectors import get_runs_for, run_for
from provisioning.services import RUN_PREFIX, order_organization, retry_run, undo_run
from provisioning.types import OrganizationRequest
from shared_apps.console.selectors import get_tenants_for, tenant_for
from shared_apps.rest.paging import cursor_in, page_response
from shared_apps.rest.repeating import answer_once
from shared_apps.rest.serializers import read_body, read_query
from shared_apps.rest.types import Access
from shared_apps.rest.views import ApiView, created, id_in_path
from tenants.types import TENANT_PREFIX


class PlatformView(ApiView):
    """A view of the platform's API."""

    authentication_classes = [OperatorKeyAuthentication]

    def run_answer(self, run_id: UUID, *, status: int = 200) -> Response:
        """The run as it is now, and where to watch it."""
        body = RunSerializer(run_for(actor=self.actor, run_id=run_id)).data
        return created(body, f"/api/v1/runs/{format_public_id(RUN_PREFIX, run_id)}", status=status)


class TenantsView(PlatformView):
    """All organizations; a new one."""

    access: ClassVar[Mapping[str, Access]] = {"GET": Access("tenants:read"), "POST": Access("tenants:write")}

    @extend_schema(
        operation_id="list_tenants",
        summary="List organizations",
        tags=["tenants"],
        parameters=[TenantQuerySerializer],
        responses=TenantPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """One page of organizations, by their slugs."""
        query = read_query(TenantQuerySerializer, request)
        cursor = cursor_in(request)
        page = get_tenants_for(actor=self.actor, state=query.get("status", ""), cursor=cursor, limit=query["limit"])
        return page_response(request, page, TenantSerializer)

    @extend_schema(
        operation_id="create_tenant",
        summary="Create an organization",
        tags=["tenants"],
        request=OrderSerializer,
        responses={202: RunSerializer},
    )
    def post(self, request: Request) -> Response:
        """Start an organization. The answer is the run that makes it; watch it at `Location` until it is `done`."""
        return answer_once(request, lambda: self._order(request))

    def _order(self, request: Request) -> Response:
        wish = read_body(OrderSerializer, request)
        plan_code = wish.pop("plan")
        try:
            run = order_organization(actor=self.actor, request=OrganizationRequest(plan_code=plan_code, **wish))
        except DomainError as refusal:
            # The sender knows it by the name in the document.
            refusal.field = "plan" if refusal.field == "plan_code" else refusal.field
            raise
        return self.run_answer(run.public_id, status=202)


class TenantView(PlatformView):
    """One organization."""

    access: ClassVar[Mapping[str, Access]] = {"GET": Access("tenants:read")}

    @extend_schema(operation_id="get_tenant", summary="Get an organization", tags=["tenants"], responses=TenantSerializer)
    def get(self, request: Request, tenant_id: str) -> Response:
        """An organization as the registry has it."""
        del request
        found = tenant_for(actor=self.actor, tenant_id=id_in_path(TENANT_PREFIX, tenant_id))
        return Response(TenantSerializer(found).data)


class RunsView(PlatformView):
    """All runs."""

    access: ClassVar[Mapping[str, Access]] = {"GET": Access("runs:read")}

    @extend_schema(
        operation_id="list_runs",
        summary="List provisioning runs",
        tags=["runs"],
        parameters=[RunQuerySerializer],
        responses=RunPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """One page of runs with their steps, the newest first."""
        query = read_query(RunQuerySerializer, request)
        page = get_runs_for(actor=self.actor, state=query.get("state", ""), cursor=cursor_in(request), limit=query["limit"])
        return page_response(request, page, RunSerializer)


class RunView(PlatformView):
    """One run."""

    access: ClassVar[Mapping[str, Access]] = {"GET": Access("runs:read")}

    @extend_schema(operation_id="get_run", summary="Get a run", tags=["runs"], responses=RunSerializer)
    def get(self, request: Request, run_id: str) -> Response:
        """A run with its steps, first to last."""
        del request
        return Response(RunSerializer(run_for(actor=self.actor, run_id=id_in_path(RUN_PREFIX, run_id))).data)


class RetryView(PlatformView):
    """Another try."""

    access: ClassVar[Mapping[str, Access]] = {"POST": Access("runs:write")}

    @extend_schema(
        operation_id="retry_run",
        summary="Retry a failed run",
        tags=["runs"],
        request=EmptySerializer,
        responses={202: RunSerializer},
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Let a failed run go on where it stopped."""
        return answer_once(request, lambda: self._retry(request, id_in_path(RUN_PREFIX, run_id)))

    def _retry(self, request: Request, run_id: UUID) -> Response:
        read_body(EmptySerializer, request)
        retry_run(actor=self.actor, run_id=run_id)
        return self.run_answer(run_id, status=202)


class UndoView(PlatformView):
    """Taking everything back."""

    access: ClassVar[Mapping[str, Access]] = {"POST": Access("runs:write")}

    @extend_schema(
        operation_id="undo_run",
        summary="Undo a run",
        tags=["runs"],
        request=UndoSerializer,
        responses={202: RunSerializer},
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Take back all that a run has made, step by step from its end; of a live organization, its data too."""
        return answer_once(request, lambda: self._undo(request, id_in_path(RUN_PREFIX, run_id)))

    def _undo(self, request: Request, run_id: UUID) -> Response:
        wish = read_body(UndoSerializer, request)
        undo_run(actor=self.actor, run_id=run_id, confirmed_name=wish["confirmed_name"])
        return self.run_answer(run_id, status=202)
