"""`manage.py tenant`, `provisioning`, `pool`, `demo`, `setup`: what they do and what they say."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from kernel.errors import Conflict
from kernel.ids import format_public_id
from provisioning import pool, services
from provisioning.demo import PASSWORD
from provisioning.fleet import moving
from provisioning.fleet.migrating import migrate_fleet
from provisioning.fleet.plan import Stage
from provisioning.models import Run
from provisioning.services import RUN_PREFIX
from provisioning.steps.owner import CreateOwner
from provisioning.types import RunState
from shared_apps.accounts.models import User
from shared_apps.audit.models import AuditEntry
from shared_apps.plans.services import load_default_plans
from tenant_apps.bookings.models import Booking
from tenant_apps.providers.models import Provider
from tenants.hosts import context_for, host_cache
from tenants.models import Tenant
from tenants.schemas import code_schema_version, schema_for
from tenants.scope import platform_scope, tenant_scope
from tenants.types import TenantStatus
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.organizations import SYSTEM, tenant_ids

pytestmark = pytest.mark.usefixtures("committed", "in_scope_of_commands")


@pytest.fixture
def in_scope_of_commands(committed, monkeypatch, tmp_path):
    """As manage.py does."""
    monkeypatch.setattr(services, "ring", lambda _run_pk: None)
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path))
    with platform_scope(reason="test"):
        load_default_plans()
        yield


def _said(*arguments: str, **options: object) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def _create(slug: str = "acme", *more: str) -> str:
    return _said("tenant", "create", slug, "--name", "Acme", "--owner", "ann@acme.example", "--blueprint", "tutoring", *more)


def test_creating_waits_until_the_organization_is_live_and_shows_it():
    said = _create("acme", "--brand", "#112233", "--currency", "CAD")

    assert "announce      done" in said
    assert "http://acme.localhost" in said
    tenant = Tenant.objects.get(slug="acme")
    assert (tenant.status, tenant.currency, tenant.theme_tokens["brand"]) == ("active", "CAD", "#112233")


@pytest.mark.parametrize(
    ("slug", "words"), [("admin", "kept for the platform"), ("alpha", "Free: alpha-market"), ("a b", "3|letters")]
)
def test_a_name_that_cannot_be_had_is_refused_with_free_ones(slug, words):
    with pytest.raises(CommandError, match=words):
        _create(slug)

    assert tenant_ids() == []


def test_listing_shows_plan_state_version_and_size():
    _create()

    said = _said("tenant", "list")

    line = next(line for line in said.splitlines() if line.startswith("acme"))
    assert line.split()[1:4] == ["active", "studio", code_schema_version()]
    assert float(line.split()[4]) > 0.5


def test_showing_somebody_unknown_says_so():
    with pytest.raises(CommandError, match="no organization"):
        _said("tenant", "show", "nobody")


def test_an_organization_is_suspended_and_resumed_with_a_reason_for_the_trail():
    _create()

    suspended = _said("tenant", "suspend", "acme", "--reason", "not paid", "--tell", "Please call us.")
    with pytest.raises(CommandError, match="“Suspended”; that cannot be changed to “Suspended”"):
        _said("tenant", "suspend", "acme")
    resumed = _said("tenant", "resume", "acme")

    assert "state       suspended" in suspended
    assert "state       active" in resumed
    trail = AuditEntry.objects.filter(target="acme", action__in=["tenant.suspended", "tenant.resumed"]).order_by("pk")
    assert [(entry.action, entry.reason) for entry in trail] == [("tenant.suspended", "not paid"), ("tenant.resumed", "")]
    assert "Please call us." in trail[0].data.values()


def test_a_failed_run_is_listed_retried_and_undone(monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(CreateOwner, "do", lambda _self, _work: (_ for _ in ()).throw(Conflict("no owner today")))
        with pytest.raises(CommandError, match="no owner today"):
            _create()
    run = Run.objects.get()
    name = format_public_id(RUN_PREFIX, run.public_id)
    assert "owner:failed" in _said("provisioning", "runs", "--state", "failed")

    assert "announce:done" in _said("provisioning", "retry", name)
    assert "name:undone" in _said("provisioning", "undo", name, "--name", "acme")

    assert Run.objects.get().state == RunState.UNDONE
    assert tenant_ids() == []


def test_undoing_needs_the_right_name_and_a_right_id():
    _create()
    name = format_public_id(RUN_PREFIX, Run.objects.get().public_id)

    with pytest.raises(CommandError, match="Type “acme”"):
        _said("provisioning", "undo", name, "--name", "acmee")
    with pytest.raises(CommandError, match="not a valid identifier"):
        _said("provisioning", "undo", "run_nonsense", "--name", "acme")

    assert Tenant.objects.get(slug="acme").status == "active"


def test_the_pool_is_filled_and_tells_how_full_it_is():
    assert _said("pool", "fill", "--target", "2").startswith("made 2")

    assert "ready 2 of" in _said("pool", "status")


def test_the_demo_is_made_once_and_its_people_can_sign_in(monkeypatch):
    monkeypatch.setattr(settings, "DEMO", True)

    assert "brightnest, noctis, northgate" in _said("demo", "seed")
    before = _census()
    _said("demo", "seed")

    assert _census() == before
    assert len(before) == 3
    for tenant_id in tenant_ids():
        tenant = context_for(tenant_id)
        page = Client(headers={"host": tenant.primary_host}).get("/").content.decode()
        assert tenant.content["headline"].split()[0] in page
    said = _said("demo", "addresses")
    assert PASSWORD in said
    assert "http://noctis.localhost" in said
    assert User.objects.get(email="operator@stoa.example").check_password(PASSWORD)


def test_a_sample_that_an_operator_took_back_stays_away_and_one_that_failed_is_tried_again(monkeypatch):
    monkeypatch.setattr(settings, "DEMO", True)
    with monkeypatch.context() as broken:
        broken.setattr(CreateOwner, "do", lambda _self, _work: (_ for _ in ()).throw(Conflict("no owner today")))
        with pytest.raises(CommandError, match="no owner today"):
            _said("demo", "seed")
    assert _said("demo", "seed") == "live: brightnest, noctis, northgate\n"
    run = Run.objects.get(idempotency_key="demo:noctis")
    _said("provisioning", "undo", format_public_id(RUN_PREFIX, run.public_id), "--name", "noctis")

    assert _said("demo", "seed") == "live: brightnest, northgate\n"

    assert "noctis" not in _said("demo", "addresses").lower()
    assert len(tenant_ids()) == 2


def _census() -> list[tuple[str, int, int, int]]:
    counts = []
    for tenant_id in sorted(tenant_ids()):
        with tenant_scope(context_for(tenant_id)) as tenant:
            counts.append((tenant.slug, Provider.objects.count(), Booking.objects.count(), User.objects.count()))
    return counts


def test_the_demo_is_refused_outside_of_its_settings():
    with pytest.raises(CommandError, match=r"config\.settings\.demo"):
        _said("demo", "seed")

    assert tenant_ids() == []


def test_setting_up_can_be_done_at_every_start_and_brings_tenants_up_to_date(monkeypatch):
    monkeypatch.setattr(settings, "PROVISIONING_POOL_TARGET", 1)
    Tenant.objects.filter(pk=ALPHA_ID).update(schema_version="older")

    first, second = _said("setup"), _said("setup")

    assert "1 tenants migrated, 1 schemas made ready" in first
    assert "0 tenants migrated, 0 schemas made ready" in second
    assert context_for(ALPHA_ID).schema_version == code_schema_version()
    assert pool.pool_status().ready == 1


@pytest.fixture
def alpha_cannot_be_migrated(monkeypatch):
    """A step of Python in a migration meets rows of alpha's that it cannot read."""
    whole = moving.stages_one_by_one

    def may_break(schema: str) -> list[Stage]:
        if schema == schema_for(ALPHA_ID):
            raise ValueError("year 0 is out of range")
        return whole(schema)

    monkeypatch.setattr(moving, "stages_one_by_one", may_break)
    Tenant.objects.update(schema_version="older")
    yield
    Tenant.objects.update(schema_version=code_schema_version(), status=TenantStatus.ACTIVE)


def test_a_tenant_that_cannot_be_migrated_holds_nobody_up(alpha_cannot_be_migrated):
    report = migrate_fleet(actor=SYSTEM, connections=1)

    assert (report.migrated, list(report.failed)) == (1, ["alpha"])
    # Where it was raised, and not what it says: that may be a value of a row.
    assert report.failed["alpha"].startswith("ValueError at test_commands.py:")


def test_setting_up_goes_on_past_it_and_says_so(alpha_cannot_be_migrated):
    errors = StringIO()

    said = _said("setup", stderr=errors)

    host_cache.clear()
    assert "1 tenants migrated" in said
    assert "NOT MIGRATED: alpha stays on its maintenance page: ValueError at test_commands.py" in errors.getvalue()
    assert Client(headers={"host": "alpha.localhost"}).get("/").status_code == 503
    assert Client(headers={"host": "beta.localhost"}).get("/").status_code == 200


def test_setting_up_strictly_fails_for_it(alpha_cannot_be_migrated):
    with pytest.raises(CommandError, match="1 tenants are not migrated"):
        _said("setup", "--strict", stderr=StringIO())


def test_an_erased_tenant_gets_no_schema_back():
    Tenant.objects.filter(pk=ALPHA_ID).update(schema_version="older", status=TenantStatus.ERASED)

    report = migrate_fleet(actor=SYSTEM, connections=1)

    assert (report.migrated, report.failed) == (0, {})
    Tenant.objects.filter(pk=ALPHA_ID).update(schema_version=code_schema_version(), status=TenantStatus.ACTIVE)
