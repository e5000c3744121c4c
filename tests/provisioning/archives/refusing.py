"""Ordering imports that ought to be refused, and looking that nothing else happened."""

from __future__ import annotations

from io import BytesIO

import pytest

from provisioning.archives.services import import_organization
from provisioning.models import Run
from tenants.scope import platform_scope
from tests.provisioning.organizations import SYSTEM, inventory

USERS = "tables/accounts_user/000001.copy"


def order(archive: bytes) -> Run:
    return import_organization(actor=SYSTEM, file=BytesIO(archive), slug="gamma")


def refused(archive: bytes, kind: type[Exception]) -> str:
    """What is said; and that nothing else happened."""
    before = inventory()

    with pytest.raises(kind) as refusal:
        order(archive)

    assert inventory() == before
    with platform_scope(reason="test"):
        assert not Run.objects.exists()
    return str(refusal.value)
