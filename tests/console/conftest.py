"""What tests of the console share: operators of each role, and people who are none."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from kernel.actor import Actor
from shared_apps.operators.services import appoint_operator
from shared_apps.operators.types import OperatorRole
from shared_apps.plans.services import load_default_plans
from tenants.scope import platform_scope
from tests.factories.people import PASSWORD, make_user, sign_in


@pytest.fixture(autouse=True)
def _own_limits(settings) -> None:
    """Limits live in Redis, which no transaction rolls back: each test counts under a prefix of its own."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}


@pytest.fixture(autouse=True)
def plans(db) -> None:
    """The three plans are on offer."""
    with platform_scope(reason="test"):
        load_default_plans()


def browser_of(role: OperatorRole) -> Client:
    """The browser of a new operator, signed in."""
    email = f"{role.value}@stoa.example"
    with platform_scope(reason="test"):
        appoint_operator(actor=Actor.system("test"), email=email, password=PASSWORD, role=role)
    client = Client(headers={"host": "localhost"})
    sign_in(client, email)
    return client


@pytest.fixture
def admin(db) -> Client:
    """An operator who may do everything."""
    return browser_of(OperatorRole.ADMIN)


@pytest.fixture
def support(db) -> Client:
    """An operator who helps, and takes nothing away for good."""
    return browser_of(OperatorRole.SUPPORT)


@pytest.fixture
def auditor(db) -> Client:
    """An operator who looks only."""
    return browser_of(OperatorRole.AUDITOR)


@pytest.fixture
def owner(db) -> Client:
    """Somebody who owns marketplaces and runs nothing."""
    with platform_scope(reason="test"):
        make_user("owner@twin.example")
    client = Client(headers={"host": "localhost"})
    sign_in(client, "owner@twin.example")
    return client
