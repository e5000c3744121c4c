"""The apps rule finds each way around what an app offers, and nothing else."""

import pytest

from ops.lint.apps import FOLDERS, OFFERED, TOOLKITS, check_source
from ops.lint.running import check_files
from ops.local.home import ROOT

HERE = "tenant_apps/bookings/services/booking.py"
BAD = [
    ("APP01", "from tenant_apps.catalog.rules import is_open"),
    ("APP01", "from tenant_apps.catalog.views.services import page"),
    ("APP01", "from tenant_apps.catalog import forms"),
    ("APP01", "from tenant_apps import catalog"),
    ("APP01", "import shared_apps.plans.registry"),
    ("APP01", "def f():\n    from shared_apps.entry.rules import new_secret"),
    ("APP02", "from tenant_apps.catalog.models import Service\nService.objects.all()"),
    ("APP02", "from tenant_apps.catalog.models import Service as S\ndef f(): return S()"),
    ("APP02", "from tenant_apps.catalog.models import Service\nclass Mine(Service): ..."),
    ("APP02", "from shared_apps.accounts.models import User\nfound: User | None = User.objects.first()"),
    ("APP02", "import tenant_apps.catalog.models"),
    ("APP02", "from tenant_apps.catalog import models"),
]
GOOD = [
    "from tenant_apps.catalog.selectors import service_with_id",
    "from tenant_apps.catalog.services.offering import publish_service",
    "from tenant_apps.catalog import selectors, services",
    "from tenant_apps.bookings.rules import overlaps",
    "from tenant_apps.catalog.models import Service\ndef f(service: Service, *more: Service) -> Service | None: ...",
    "from tenant_apps.catalog.models import Service\nclass Cards(Page[Service]): ...\ntype Rows = list[Service]",
    "from tenant_apps.catalog.models import Service\nif isinstance(thing, Service): pass",
    "from shared_apps.rest.views import ApiView\nclass Mine(ApiView): ...",
    "from kernel.clock import now\nfrom tenants.models import Tenant\nTenant.objects.all()",
]


@pytest.mark.parametrize(("code", "source"), BAD)
def test_a_way_around_what_an_app_offers_is_found(code, source):
    assert {finding.code for finding in check_source(source, HERE)} == {code}


@pytest.mark.parametrize("source", GOOD)
def test_what_an_app_offers_is_free_to_use(source):
    assert check_source(source, HERE) == []


@pytest.mark.parametrize("path", ["tenant_apps/bookings/models.py", "tenant_apps/bookings/models/rows.py"])
def test_a_table_may_point_to_the_table_of_a_lower_app(path):
    source = "from tenant_apps.catalog.models import Service\nForeignKey(Service)"

    assert check_source(source, path) == []
    assert check_source(source.replace("models", "rules"), path) != []


def test_a_tool_box_has_no_tables_of_its_own():
    """A toolkit with tables would be an app that everybody reaches into."""
    folders = [ROOT / name.replace(".", "/") for name in TOOLKITS]

    assert all(folder.is_dir() for folder in folders)
    assert [folder.name for folder in folders if (folder / "migrations").exists()] == []


def test_no_app_of_ours_reaches_into_another():
    assert [str(finding) for finding in check_files(check_source, [ROOT / name for name in FOLDERS])] == []


def test_what_is_offered_is_what_the_design_names():
    assert {"services", "selectors", "events", "types", "errors", "permissions"} == OFFERED
