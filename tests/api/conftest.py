"""Two marketplaces with the same services, bookings and ids; a key of each; and a clock that stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from tenant_apps.api.services import create_key
from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tests.api.calls import OWNER, Caller
from tests.bookings.rows import NOW


@pytest.fixture(autouse=True)
def _clock():
    """A Monday morning; what is counted in a minute of one test must not fill that of the next."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def key_of() -> Callable[..., str]:
    """Makes a key in a marketplace and gives its text."""

    def make(tenant: TenantContext, *scopes: str) -> str:
        with tenant_scope(tenant):
            return create_key(actor=OWNER, name="Till", scopes=scopes).text

    return make


@pytest.fixture
def call(alpha_client: Client) -> Caller:
    """Calls alpha's API."""
    return Caller(alpha_client)


@pytest.fixture
def call_beta(beta_client: Client) -> Caller:
    """Calls beta's API."""
    return Caller(beta_client)


@pytest.fixture
def reader(alpha, key_of) -> str:
    return key_of(alpha, "bookings:read")


@pytest.fixture
def writer(alpha, key_of) -> str:
    return key_of(alpha, "bookings:write")
