"""Fixtures that put a test inside a tenant."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from django.test import Client

from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID


@pytest.fixture
def alpha(db) -> TenantContext:
    """One of the two twins; not entered."""
    return _context(ALPHA_ID)


@pytest.fixture
def beta(db) -> TenantContext:
    """The other twin; not entered."""
    return _context(BETA_ID)


@pytest.fixture
def in_alpha(alpha) -> Generator[TenantContext]:
    """The test runs inside alpha."""
    with tenant_scope(alpha):
        yield alpha


@pytest.fixture
def alpha_client(alpha) -> Client:
    """A browser on alpha's host."""
    return Client(headers={"host": alpha.primary_host})


@pytest.fixture
def beta_client(beta) -> Client:
    """A browser on beta's host."""
    return Client(headers={"host": beta.primary_host})


@pytest.fixture
def platform_client(db) -> Client:
    """A browser on the platform's host."""
    return Client(headers={"host": "localhost"})


def _context(tenant_id) -> TenantContext:
    context = context_for(tenant_id)
    assert context is not None
    return context
