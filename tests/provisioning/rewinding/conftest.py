"""Two marketplaces on a server of their own with backup and WAL, of which one has lost its bookings."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ops.local.postgres import APP_LOGIN, SUPERUSER, LocalPostgres
from provisioning.archives import restoring
from shared_apps.plans.services import load_default_plans
from tenant_apps.bookings.models import Booking
from tenants.scope import platform_scope, tenant_scope
from tests.factories.market import make_category
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_twins
from tests.isolation.marks import Marks
from tests.isolation.stock import Filler
from tests.provisioning.archives.conftest import NAMES, NOW, context_of
from tests.provisioning.rewinding.servers import DATABASE, Place, close_segment, kept_server, now_there, take_backup


@dataclass(frozen=True)
class Loss:
    """What happened, in this order: the backup, a row more in alpha, `before`, alpha's loss, `after`, beta goes on."""

    place: Place
    before: str
    after: str
    segments: tuple[Path, ...]


@pytest.fixture(scope="module")
def loss(django_db_setup, django_db_blocker, tmp_path_factory) -> Generator[Loss]:
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        kept_server() as (server, place),
    ):
        _lead_to(patch, server)
        patch.setattr(settings, "MEDIA_ROOT", str(tmp_path_factory.mktemp("media")))
        patch.setattr(restoring, "ring", lambda _run_pk: None)
        try:
            yield _lose(server, place)
        finally:
            connection.close()


def _lead_to(patch: pytest.MonkeyPatch, server: LocalPostgres) -> None:
    """This process' connections lead to the other server."""
    connection.close()
    there = {"HOST": "127.0.0.1", "PORT": str(server.port), "NAME": DATABASE, "USER": APP_LOGIN, "PASSWORD": ""}
    for entry in (connection.settings_dict, settings.DATABASES["default"]):
        for name, value in there.items():
            patch.setitem(entry, name, value)
    patch.setattr(settings, "ADMIN_DATABASE", settings.ADMIN_DATABASE | {"USER": SUPERUSER, "PASSWORD": ""})


def _lose(server: LocalPostgres, place: Place) -> Loss:
    create_twins()
    with platform_scope(reason="test"):
        load_default_plans()
    for tenant_id, owner in ((ALPHA_ID, "alpha"), (BETA_ID, "beta")):
        with tenant_scope(context_of(tenant_id)):
            Filler(Marks(owner), NAMES, NOW).fill()
    take_backup(server, place)
    with tenant_scope(context_of(ALPHA_ID)):
        make_category("Made after the backup")
    segments = [close_segment(server, place)]
    before = now_there(server)
    with tenant_scope(context_of(ALPHA_ID)):
        Booking.objects.all().delete()
    segments.append(close_segment(server, place))
    after = now_there(server)
    with tenant_scope(context_of(BETA_ID)):
        make_category("Made after the loss")
    segments.append(close_segment(server, place))
    return Loss(place, before, after, tuple(segments))
