"""A furnished marketplace, and its archive; written once per file, since both take a good part of a second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session

from kernel import clock
from provisioning import services
from provisioning.archives import restoring
from provisioning.archives import services as archive_services
from provisioning.archives.inbox import tidy_inbox
from provisioning.archives.writing import write_archive
from provisioning.saga.engine import advance
from provisioning.types import RunState
from shared_apps.accounts.models import User
from shared_apps.plans.services import load_default_plans
from tenant_apps.api.models import ApiKey
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.isolation.marks import Marks
from tests.isolation.stock import Filler, Names
from tests.provisioning.archives.swaps import now_of
from tests.provisioning.organizations import again, requested

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NAMES = Names("")
SECRETS = {
    "password": "md5$salt$5e884898da28047151d0e56f8dc62927",
    "second factor": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "session": "s3ss10nk3ys3ss10nk3ys3ss10nk3yab",
    "key's hash": "ab5ec7e7" * 8,
    "hold": "0f0f0f0f-1111-4222-8333-444444444444",
}


@pytest.fixture(scope="module")
def media(tmp_path_factory) -> Iterator[str]:
    """Where files lie for a whole file of tests: the archive is written once."""
    before, settings.MEDIA_ROOT = settings.MEDIA_ROOT, str(tmp_path_factory.mktemp("media"))
    yield settings.MEDIA_ROOT
    settings.MEDIA_ROOT = before


@pytest.fixture(scope="module")
def market(database_of_the_file, media, django_db_blocker) -> TenantContext:
    """Alpha, with one of everything and a secret of each kind; beta is its look-alike."""
    with django_db_blocker.unblock():
        with platform_scope(reason="test"):
            load_default_plans()
            Tenant.objects.filter(pk=ALPHA_ID).update(
                content={"headline": "Book somebody good"}, theme_package="fresh", theme_tokens={"brand": "#0f766e"}
            )
        for tenant_id, owner in ((ALPHA_ID, "alpha"), (BETA_ID, "beta")):
            with tenant_scope(context_of(tenant_id)):
                Filler(Marks(owner), NAMES, NOW).fill()
        with tenant_scope(context_of(ALPHA_ID)):
            _hide_secrets()
        return context_of(ALPHA_ID)


def _hide_secrets() -> None:
    from tenant_apps.bookings.models import Booking

    owner = User.objects.get(email=NAMES.email("owner"))
    User.objects.update(password=SECRETS["password"])
    Authenticator.objects.create(user=owner, type="totp", data={"secret": SECRETS["second factor"]})
    Session.objects.create(session_key=SECRETS["session"], session_data=SECRETS["session"], expire_date=NOW)
    ApiKey.objects.create(name="Till", scopes=[], secret_hash=SECRETS["key's hash"], hint="abcd", created_by="owner")
    Booking.objects.filter(public_id=NAMES.uuid("conf")).update(hold_key=UUID(SECRETS["hold"]))


def context_of(tenant_id: UUID) -> TenantContext:
    context = context_for(tenant_id)
    assert context is not None
    return context


@pytest.fixture(scope="module")
def written(market, django_db_blocker) -> bytes:
    """The archive of alpha."""
    file = BytesIO()
    with django_db_blocker.unblock():
        write_archive(market, file, tell=lambda _progress: None)
    return file.getvalue()


@pytest.fixture
def quiet(committed, market, monkeypatch) -> None:
    """Nobody rings; what is committed goes again, and what waited to be imported."""
    tidy_inbox(now=clock.now() + timedelta(days=1))
    for module in (services, archive_services):
        monkeypatch.setattr(module, "ring", lambda _run_pk: None)


@pytest.fixture
def shop(quiet, monkeypatch) -> TenantContext:
    """An organization of the test's own, furnished, since its data are exchanged."""
    monkeypatch.setattr(restoring, "ring", lambda _run_pk: None)
    with platform_scope(reason="test"):
        load_default_plans()
    run = requested("acme")
    assert advance(run.pk) == RunState.DONE, again(run).error
    with tenant_scope(now_of(run)):
        Filler(Marks("alpha"), NAMES, NOW).fill()
    return now_of(run)
