"""The main pages work for the login that serves them in a deployment, which may change no table."""

from collections.abc import Generator

import pytest
from django.db import connection

from kernel.actor import Actor
from kernel.ids import new_id
from shared_apps.operators.services import appoint_operator
from shared_apps.operators.types import OperatorRole
from shared_apps.plans.services import load_default_plans
from tenants.context import TenantContext
from tenants.errors import MissingRole
from tenants.hosts import context_for
from tenants.scope import owner_scope, platform_scope, tenant_scope
from tenants.wall import admin_connection, build_wall
from tests.backoffice.market import browser, furnish
from tests.factories.people import PASSWORD, sign_in
from tests.factories.tenants import ALPHA_ID

OPERATOR = "admin@stoa.example"
OF_GUESTS = ["/", "/services/", "/services/regular-clean-0/", "/providers/", "/accounts/login/"]
OF_THE_OWNER = ["/manage/", "/manage/bookings/", "/manage/calendar/", "/manage/providers/", "/manage/settings/"]
OF_THE_OPERATOR = ["/console/", "/console/tenants/", "/console/runs/", "/console/plans/", "/console/fleet/", "/console/jobs/"]


@pytest.fixture
def alpha_as_pages(own_database, settings, monkeypatch) -> Generator[TenantContext]:
    """Alpha, furnished by the application; from then on this thread signs in as the pages' login. It has a name of its own."""
    alpha = context_for(ALPHA_ID)
    with tenant_scope(alpha):
        furnish()
    with platform_scope(reason="test"):
        load_default_plans()
        appoint_operator(actor=Actor.system("test"), email=OPERATOR, password=PASSWORD, role=OperatorRole.ADMIN)
    login = f"stoa_pages_{new_id().hex[-12:]}"
    settings.PAGES_DATABASE = {"USER": login, "PASSWORD": ""}
    build_wall()
    with monkeypatch.context() as as_pages:
        connection.close()
        as_pages.setitem(connection.settings_dict, "USER", login)
        as_pages.setitem(connection.settings_dict, "PASSWORD", "")
        yield alpha
        connection.close()
    with admin_connection() as admin:
        admin.execute(f'REVOKE CONNECT ON DATABASE "{own_database}" FROM {login}; DROP ROLE {login}'.encode())


def statuses(client, paths: list[str]) -> dict[str, int]:
    return {path: client.get(path).status_code for path in paths}


def test_the_main_pages_are_served_by_a_login_that_may_change_no_table(alpha_as_pages):
    guest, owner, operator = browser(alpha_as_pages, None), browser(alpha_as_pages, "owner"), browser(alpha_as_pages, None)
    operator.defaults["HTTP_HOST"] = "localhost"
    sign_in(operator, OPERATOR)

    shown = statuses(guest, OF_GUESTS) | statuses(owner, OF_THE_OWNER) | statuses(operator, OF_THE_OPERATOR)

    assert shown == dict.fromkeys([*OF_GUESTS, *OF_THE_OWNER, *OF_THE_OPERATOR], 200)


@pytest.mark.control
def test_as_that_login_what_changes_a_table_is_refused(alpha_as_pages):
    """The negative control: it was the pages' login, not the application's."""
    with pytest.raises(MissingRole, match="permission denied"), owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
