"""Settings, sandbox: what an owner sees and does there. Beta stands for the sandbox; what runs do is told in other files."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.ids import format_public_id
from provisioning.models import KeptMail, Run, Step
from provisioning.sandboxes import ordering
from provisioning.sandboxes.promoting import ordering as promoting
from provisioning.sandboxes.promoting.reading import base_of
from provisioning.services import RUN_PREFIX
from provisioning.types import RunKind, RunState
from tenant_apps.catalog.models import Category, Service
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.registry import update_tenant
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.market import browser, furnish
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.sandboxes.twins import alpha_as_sandbox

pytestmark = pytest.mark.django_db
ABOUT = {"name": "Twin", "owner_email": "owner@twin.example", "blueprint": "home_services", "plan_code": "studio"}
HOME = "/manage/settings/sandbox/"


@pytest.fixture(autouse=True)
def _nobody_rings(monkeypatch) -> None:
    for module in (ordering, promoting):
        monkeypatch.setattr(module, "ring", lambda _run_pk: None)


@pytest.fixture
def market(alpha, beta):
    from shared_apps.plans.services import load_default_plans

    with platform_scope(reason="test"):
        load_default_plans()
    for tenant in (alpha, beta):
        with tenant_scope(tenant):
            furnish()
    return alpha


@pytest.fixture
def owner(market):
    return browser(market, "owner")


@pytest.fixture
def sandbox(market):
    """Beta, as if it had just been copied from alpha: the twins are equal to the last row."""
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(sandbox_of_id=ALPHA_ID)
        run = Run.objects.create(
            kind=RunKind.CLONE_ORGANIZATION, tenant_id=BETA_ID, state=RunState.DONE, requested_by="test",
            idempotency_key="made", request=ABOUT | {"slug": "beta", "source": ALPHA_ID.hex},
        )  # fmt: skip  # one line of facts
    with platform_scope(reason="test"):
        Step.objects.create(run=run, name="base", position=0, state="done", result={"base": base_of(_now(BETA_ID))})
    return _now(BETA_ID)


def test_without_one_the_page_says_what_it_is_for_and_makes_one(owner):
    page = owner.get(HOME)
    assert "No sandbox yet" in page.text

    answer = owner.post(f"{HOME}make/")

    assert (answer.status_code, answer.url) == (303, HOME)
    with platform_scope(reason="test"):
        run = Run.objects.get(kind=RunKind.CLONE_ORGANIZATION)
    assert (run.request["source"], run.request["slug"]) == (ALPHA_ID.hex, "alpha-sandbox")
    again = owner.get(HOME).text
    assert "Your sandbox is being made" in again
    assert 'hx-trigger="load delay:1s"' in again


def test_only_who_edits_settings_comes_here(market, sandbox):
    for who, status in (("manager", 403), ("provider", 403), ("customer", 403), (None, 302)):
        client = browser(market, who)
        for path in ("", "renew/", "remove/", "changes/"):
            assert client.get(HOME + path).status_code == status, (who, path)
        assert client.post(f"{HOME}make/").status_code == status, who


def test_the_one_there_is_has_a_way_in_a_link_and_an_end(owner, sandbox):
    page = owner.get(HOME).text

    assert f'href="{sandbox.base_url}/enter/"' in page
    assert re.search(rf'value="{sandbox.base_url}/sandbox/[^"]+/"', page)
    assert f"{HOME}renew/" in page
    assert f"{HOME}remove/" in page


def test_a_fresh_copy_and_the_end_ask_for_the_name(owner, sandbox):
    for path in ("renew/", "remove/"):
        assert owner.get(HOME + path).status_code == 200
        refused = owner.post(HOME + path, {"confirm_name": "alpha"})
        assert refused.status_code == 422
        assert "Type “beta”" in refused.text

    assert owner.post(f"{HOME}renew/", {"confirm_name": "beta"}).status_code == 303
    with platform_scope(reason="test"):
        assert Run.objects.filter(kind=RunKind.CLONE_ORGANIZATION, state=RunState.PENDING).count() == 1
    assert owner.post(f"{HOME}remove/", {"confirm_name": "beta"}).status_code == 303
    with platform_scope(reason="test"):
        assert Run.objects.get(tenant_id=BETA_ID).state == RunState.UNDOING


def test_without_one_there_is_nothing_to_renew_remove_or_compare(owner):
    assert [owner.get(HOME + path).status_code for path in ("renew/", "remove/", "changes/")] == [404, 404, 404]


def test_changes_are_told_with_old_and_new_values_and_brought_over_by_name(owner, sandbox):
    _try_things_out(sandbox)

    page = owner.get(f"{HOME}changes/").text

    assert "£45.00</del>" in page
    assert "£123.45</ins>" in page
    assert "Brand new" in page
    assert "Tried out</ins>" in page
    asked = {"seen": _seal_in(page), "parts": ["catalog"], "confirm_name": "alpha"}
    assert owner.post(f"{HOME}changes/", asked | {"confirm_name": "beta"}).status_code == 422
    assert owner.post(f"{HOME}changes/", asked | {"parts": []}).status_code == 422
    assert owner.post(f"{HOME}changes/", asked).status_code == 303
    with platform_scope(reason="test"):
        run = Run.objects.get(kind=RunKind.PROMOTE_SANDBOX)
    assert (run.tenant_id, run.request["source"], run.request["parts"]) == (ALPHA_ID, BETA_ID.hex, "catalog")
    assert "Catalog." in owner.get(HOME).text


def test_what_changed_since_is_shown_anew_and_nothing_is_done(owner, sandbox):
    _try_things_out(sandbox)
    seal = _seal_in(owner.get(f"{HOME}changes/").text)
    update_tenant(tenant_id=BETA_ID, name="Named meanwhile")

    answer = owner.post(f"{HOME}changes/", {"seen": seal, "parts": ["catalog"], "confirm_name": "alpha"})

    assert answer.status_code == 409
    assert "Something changed since you looked" in answer.text
    assert "Named meanwhile" in answer.text
    assert _seal_in(answer.text) != seal
    with platform_scope(reason="test"):
        assert not Run.objects.filter(kind=RunKind.PROMOTE_SANDBOX).exists()


def test_words_of_a_sandbox_are_text(owner, sandbox):
    update_tenant(tenant_id=BETA_ID, name="<script>alert(1)</script>")

    page = owner.get(f"{HOME}changes/").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_where_nothing_differs_the_page_says_so(owner, sandbox):
    assert "Nothing to bring over" in owner.get(f"{HOME}changes/").text


def test_what_was_brought_over_can_be_put_back_by_name(owner, sandbox):
    with platform_scope(reason="test"):
        run = _promotion("applied", changes=[])
    path = f"{HOME}changes/{format_public_id(RUN_PREFIX, run.public_id)}/undo/"
    assert path in owner.get(HOME).text

    assert owner.get(path).status_code == 200
    assert owner.post(path, {"confirm_name": "beta"}).status_code == 422
    assert owner.post(path, {"confirm_name": "alpha"}).status_code == 303

    with platform_scope(reason="test"):
        assert Run.objects.get(pk=run.pk).state == RunState.UNDOING


def test_what_another_marketplace_brought_over_is_not_found_here(owner, sandbox):
    with platform_scope(reason="test"):
        run = _promotion("applied", changes=[])
        Run.objects.filter(pk=run.pk).update(tenant_id=BETA_ID)

    path = f"{HOME}changes/{format_public_id(RUN_PREFIX, run.public_id)}/undo/"

    assert (owner.get(path).status_code, owner.post(path, {"confirm_name": "alpha"}).status_code) == (404, 404)


@pytest.mark.parametrize(
    ("outcome", "told"), [("stale", "Something changed while"), ("refused", "There is a category of this name")]
)
def test_what_was_not_brought_over_says_why(owner, sandbox, outcome, told):
    with platform_scope(reason="test"):
        _promotion(outcome, message="There is a category of this name already.")

    page = owner.get(HOME).text

    assert told in page
    assert "/undo/" not in page


def test_only_the_last_that_changed_something_is_offered_to_be_put_back(owner, sandbox):
    with platform_scope(reason="test"):
        runs = [_promotion(outcome, changes=[{}]) for outcome in ("applied", "applied", "stale")]

    page = owner.get(HOME).text

    assert [run.pk for run in runs if f"{format_public_id(RUN_PREFIX, run.public_id)}/undo/" in page] == [runs[1].pk]


def test_what_runs_noted_is_not_read_for_the_page(owner, sandbox):
    """The whole catalog is in there, for each promotion once more, and the page asks again each second."""
    with platform_scope(reason="test"):
        _promotion("applied", changes=[{}, {}])

    with CaptureQueriesContext(connection) as queries:
        page = owner.get(HOME).text

    assert "2 things changed" in page
    assert not [query["sql"] for query in queries if re.search(r'"provisioning_step"\."result"(,| FROM)', query["sql"])]


def test_a_removal_that_stopped_is_not_told_as_a_copy_that_was_not_made(owner, sandbox):
    with platform_scope(reason="test"):
        Run.objects.filter(tenant_id=BETA_ID).update(state=RunState.UNDO_FAILED)

    page = owner.get(HOME).text

    assert "could not be removed" in page
    assert f"{HOME}make/" not in page


def test_where_a_fresh_copy_failed_the_one_there_is_can_be_replaced_again(owner, sandbox):
    with platform_scope(reason="test"):
        Run.objects.create(
            kind=RunKind.CLONE_ORGANIZATION, state=RunState.FAILED, requested_by="test", idempotency_key="failed",
            request=ABOUT | {"slug": "beta", "source": ALPHA_ID.hex},
        )  # fmt: skip  # one line of facts

    page = owner.get(HOME).text

    assert "could not be made" in page
    # Asking without its name would be refused.
    assert f"{HOME}make/" not in page
    assert f"{HOME}renew/" in page


def test_while_it_is_taken_away_pressing_again_says_so_in_an_owners_words(owner, sandbox):
    with platform_scope(reason="test"):
        Run.objects.filter(tenant_id=BETA_ID).update(state=RunState.UNDOING)

    answer = owner.post(f"{HOME}remove/", {"confirm_name": "beta"})

    assert answer.status_code == 409
    assert "The sandbox is just being taken away or made anew." in answer.text
    assert "This run is" not in answer.text


def test_inside_a_sandbox_nothing_is_promised_that_a_sandbox_does_not_have(market):
    alpha_as_sandbox()
    owner = browser(market, "owner")

    data, domains = owner.get("/manage/settings/data/").text, owner.get("/manage/settings/domains/").text

    assert "No snapshots are kept of a sandbox" in data
    assert "We also keep a snapshot" not in data
    assert "A sandbox has no domains of its own." in domains
    assert 'name="host"' not in domains


def test_inside_a_sandbox_the_page_leads_to_its_mail_and_back(market):
    alpha_as_sandbox()

    page = browser(market, "owner").get(HOME).text

    assert f"{HOME}mail/" in page
    assert f"http://beta.localhost{HOME}" in page.replace(":8000", "")
    assert f"{HOME}changes/" not in page


def test_a_list_of_many_letters_asks_no_more_than_one_of_few(market):
    alpha_as_sandbox()
    owner = browser(market, "owner")
    counts = []
    for number in (2, 8):
        with platform_scope(reason="test"):
            for _ in range(number):
                KeptMail.objects.create(tenant_id=ALPHA_ID, to="a@world.example", sender="b@world.example", subject="Hello")
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(f"{HOME}mail/").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_many_letters_are_paged(market):
    alpha_as_sandbox()
    with platform_scope(reason="test"):
        for number in range(30):
            KeptMail.objects.create(tenant_id=ALPHA_ID, to="a@x.example", sender="b@x.example", subject=f"Letter {number:02}")
    owner = browser(market, "owner")

    first = owner.get(f"{HOME}mail/").text
    following = re.search(r'rel="next" href="([^"]+)"', first)

    assert following is not None
    assert "Letter 29" in first
    assert "Letter 04" not in first
    assert "Letter 04" in owner.get(f"{HOME}mail/{following[1]}").text


def _promotion(outcome: str, **result: object) -> Run:
    from kernel import clock

    run = Run.objects.create(
        kind=RunKind.PROMOTE_SANDBOX, tenant_id=ALPHA_ID, state=RunState.DONE, requested_by="test", finished_at=clock.now(),
        idempotency_key=uuid4().hex, request=ABOUT | {"slug": "alpha", "source": BETA_ID.hex, "parts": "catalog"},
    )  # fmt: skip  # one line of facts
    Step.objects.create(
        run=run, name="apply", position=0, state="done", attempt=1, result={"outcome": outcome, "base": {}, **result}
    )
    return run


def _try_things_out(sandbox) -> None:
    update_tenant(tenant_id=sandbox.id, content={**sandbox.content, "headline": "Tried out"})
    with tenant_scope(sandbox):
        Service.objects.filter(pk=Service.objects.order_by("pk").first().pk).update(price_minor=12345)
        Category.objects.create(name="Brand new", slug="brand-new", position=50)


def _seal_in(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{32})"', page)
    assert found is not None, page
    return found[1]


def _now(tenant_id):
    found = context_for(tenant_id)
    assert found is not None
    return found
