"""An installation for the sweep of kills: one for all kinds, in a database and with files of its own."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from django.conf import settings

from provisioning import services
from provisioning.archives import restoring
from provisioning.archives import services as archive_services
from provisioning.archives.writing import write_archive
from provisioning.erasing import services as erasing_services
from provisioning.saga.engine import advance
from provisioning.sandboxes import ordering
from provisioning.sandboxes.promoting import ordering as promoting
from provisioning.types import RunState
from shared_apps.plans.services import load_default_plans
from tenants.scope import platform_scope, tenant_scope
from tests.isolation.marks import Marks
from tests.isolation.stock import Filler
from tests.provisioning.archives.conftest import NAMES, NOW
from tests.provisioning.archives.swaps import now_of, snapshot_of
from tests.provisioning.kills.cases import Installation
from tests.provisioning.organizations import again, requested


@pytest.fixture(scope="module")
def installation(database_of_the_file, tmp_path_factory, django_db_blocker) -> Iterator[Installation]:
    """Nobody is rung for: whoever works is called."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        for module in (services, archive_services, restoring, ordering, promoting, erasing_services):
            patch.setattr(module, "ring", lambda _run_pk: None)
        patch.setattr(settings, "MEDIA_ROOT", str(tmp_path_factory.mktemp("media")))
        with platform_scope(reason="test"):
            load_default_plans()
        yield _furnished()


def _furnished() -> Installation:
    run, file = requested("acme"), BytesIO()
    assert advance(run.pk) == RunState.DONE, again(run).error
    with tenant_scope(now_of(run)):
        Filler(Marks("alpha"), NAMES, NOW).fill()
    shop = now_of(run)
    write_archive(shop, file, tell=lambda _progress: None)
    return Installation(shop, snapshot_of(shop), file.getvalue())
