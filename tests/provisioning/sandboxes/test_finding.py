"""Runs about sandboxes are found among those of a whole fleet, which has one of each organization each night."""

from __future__ import annotations

import pytest
from django.db import connection

from provisioning.models import Run
from provisioning.types import OF_SANDBOXES, RunKind
from tenants.scope import platform_scope

pytestmark = pytest.mark.django_db


def _plan(kind: RunKind) -> str:
    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        return Run.objects.filter(kind=kind, request__source="one").explain()


@pytest.mark.parametrize("kind", OF_SANDBOXES)
def test_they_are_found_without_reading_all(kind):
    assert "run_of_sandbox" in _plan(kind)


@pytest.mark.control
def test_those_of_another_kind_are_not_among_them():
    assert "run_of_sandbox" not in _plan(RunKind.ARCHIVE_ORGANIZATION)
