"""Watching one's marketplace being built and walking in: in the browser that asked for it, and in no other."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from kernel.ids import format_public_id, new_id
from provisioning.models import Run, Step
from provisioning.saga.engine import advance
from provisioning.types import RunState, StepState
from shared_apps.accounts.models import User
from shared_apps.audit.models import AuditEntry
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.people import is_signed_in
from tests.site.asking import answers, runs

HTMX = {"HX-Request": "true"}


@pytest.fixture
def founder(platform_client) -> Client:
    """A browser that has just sent the form."""
    platform_client.post("/start/", answers())
    return platform_client


@pytest.fixture
def address(founder) -> str:
    return f"/start/{format_public_id('run', runs()[0].public_id)}/"


@pytest.fixture
def built(founder, settings, tmp_path) -> Tenant:
    """The workers have done their part."""
    settings.PROVISIONING_LEASE_SECONDS = 300
    settings.MEDIA_ROOT = str(tmp_path)
    assert advance(runs()[0].pk) == RunState.DONE, runs()[0].error
    with platform_scope(reason="test"):
        return Tenant.objects.get(slug="lindenhof")


def _fail(step: str = "domain") -> None:
    with platform_scope(reason="test"):
        Step.objects.filter(name=step).update(state=StepState.FAILED, error="ConnectionError: secret.internal", attempt=5)
        Run.objects.update(state=RunState.FAILED, error="ConnectionError: secret.internal", finished_at=timezone.now())


def _text(response) -> str:
    return response.content.decode()


def test_every_step_is_named_and_asked_for_again_soon(founder, address):
    page = _text(founder.get(address))

    assert "Putting up Lindenhof Studio" in page
    assert "Reserving your address" in page
    assert f'hx-get="{address}"' in page
    assert 'hx-trigger="load delay:100ms"' in page


def test_a_run_that_takes_long_is_asked_about_less_often(founder, address):
    with platform_scope(reason="test"):
        Run.objects.update(created_at=timezone.now() - timedelta(seconds=4))

    assert 'hx-trigger="load delay:500ms"' in _text(founder.get(address))


def test_without_script_the_page_comes_again_by_itself(founder, address):
    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in _text(founder.get(address))


def test_a_finished_step_shows_its_real_time(founder, address):
    with platform_scope(reason="test"):
        Step.objects.filter(name="name").update(state=StepState.DONE, duration_ms=1230)

    page = _text(founder.get(address, headers=HTMX))

    assert "1.23 sec" in page or "1.2 sec" in page
    assert 'class="is-done"' in page
    assert "<html" not in page


def test_another_browser_finds_nothing(founder, address):
    stranger = Client(headers={"host": "localhost"})

    assert [stranger.get(address).status_code, stranger.get(f"{address}enter/").status_code] == [404, 404]
    assert stranger.post(f"{address}retry/").status_code == 404


def test_another_founder_finds_nothing(founder, address):
    other = Client(headers={"host": "localhost"})
    other.post("/start/", answers(slug="other-market", key="a-visit-of-another"))

    assert other.get(address).status_code == 404


@pytest.mark.parametrize("text", ["run_nothing", "x", "run_01m7yp2nvjfsrtf2g0rzn48j5x", "tnt_01m7yp2nvjfsrtf2g0rzn48j5x"])
def test_an_id_that_is_none_is_not_there(founder, text):
    assert founder.get(f"/start/{text}/").status_code == 404


def test_a_failure_names_the_step_and_the_way_on_and_no_secrets(founder, address):
    _fail()

    page = _text(founder.get(address))

    assert "It stopped at “Opening your web address”." in page
    assert "Try again" in page
    assert 'role="alert"' in page
    assert "secret.internal" not in page
    assert "hx-trigger" not in page


def test_trying_again_sets_it_going(founder, address):
    _fail()

    response = founder.post(f"{address}retry/")

    assert response["Location"] == address
    assert runs()[0].state == RunState.RUNNING
    assert "load delay:" in _text(founder.get(address))


def test_trying_again_is_a_visitors_act_and_not_the_platforms(founder, address):
    _fail()

    founder.post(f"{address}retry/")

    with platform_scope(reason="test"):
        entry = AuditEntry.objects.get(action="run.retried")
    assert (entry.actor_kind, entry.actor_label) == ("guest", "ada@lindenhof.example")


def test_trying_again_what_has_not_failed_changes_nothing(founder, address):
    response = founder.post(f"{address}retry/")

    assert response["Location"] == address
    assert runs()[0].state == RunState.PENDING


@pytest.mark.parametrize("state", [RunState.UNDOING, RunState.UNDO_FAILED])
def test_while_it_is_taken_down_the_page_says_so_and_offers_nothing(founder, address, state):
    with platform_scope(reason="test"):
        Run.objects.update(state=state, error="still in use")

    page = _text(founder.get(address))
    founder.post(f"{address}retry/")

    assert "is being taken down" in page
    assert f"{address}retry/" not in page
    assert "Putting up" not in page
    assert runs()[0].state == state


def test_trying_again_is_not_done_by_a_link(founder, address):
    _fail()

    assert founder.get(f"{address}retry/").status_code == 405
    assert runs()[0].state == RunState.FAILED


def test_after_a_failure_the_answers_are_still_there(founder, address):
    _fail()

    page = _text(founder.get(f"/start/?again={address.split('/')[2]}"))

    assert 'value="ada@lindenhof.example"' in page
    assert 'value="Lindenhof Studio"' in page
    assert 'value="lindenhof-studio"' in page


def test_nobody_elses_answers_are_shown(founder, address):
    stranger = Client(headers={"host": "localhost"})

    assert "ada@lindenhof.example" not in _text(stranger.get(f"/start/?again={address.split('/')[2]}"))


def test_a_run_that_was_taken_back_says_so(founder, address):
    with platform_scope(reason="test"):
        Run.objects.update(state=RunState.UNDONE, finished_at=timezone.now())

    page = _text(founder.get(address))

    assert "was taken down again" in page
    assert "Start again" in page


def test_nobody_walks_in_before_it_is_finished(founder, address):
    assert founder.get(f"{address}enter/")["Location"] == address


def test_when_all_is_done_the_browser_is_sent_inside(founder, address, built):
    response = founder.get(address, headers=HTMX)

    assert response["HX-Redirect"] == f"{address}enter/"


def test_without_script_the_finished_page_leads_inside(founder, address, built):
    page = _text(founder.get(address))

    assert f'<noscript><meta http-equiv="refresh" content="0; url={address}enter/"></noscript>' in page
    assert f'href="{address}enter/"' in page


def test_who_comes_back_later_is_not_carried_off(founder, address, built):
    with platform_scope(reason="test"):
        Run.objects.update(finished_at=timezone.now() - timedelta(minutes=5))

    page = _text(founder.get(address))

    assert "hx-get" not in page
    assert "refresh" not in page
    assert f'href="{address}enter/"' in page


def test_the_founder_ends_up_signed_in_as_owner(founder, address, built):
    market = Client(headers={"host": "lindenhof.localhost"})

    door = founder.get(f"{address}enter/")["Location"]
    asked = market.get(urlsplit(door).path)["Location"]
    code = founder.get(f"{urlsplit(asked).path}?{urlsplit(asked).query}")["Location"]
    landed = market.get(f"{urlsplit(code).path}?{urlsplit(code).query}")

    assert door == "http://lindenhof.localhost/enter/"
    assert landed["Location"] == "/manage/"
    assert is_signed_in(market)
    with tenant_scope(context_for(built.pk)):
        assert User.objects.get(email="ada@lindenhof.example").pk == int(market.session["_auth_user_id"])


def test_long_after_it_opened_the_way_in_is_the_door_of_everybody(founder, address, built):
    with platform_scope(reason="test"):
        Run.objects.update(finished_at=timezone.now() - timedelta(minutes=11))
    market = Client(headers={"host": "lindenhof.localhost"})

    door = founder.get(f"{address}enter/")["Location"]
    asked = market.get(urlsplit(door).path)["Location"]

    assert founder.get(f"{urlsplit(asked).path}?{urlsplit(asked).query}")["Location"].startswith("/accounts/login/")


def test_the_founder_gets_an_account_on_the_platform_without_a_password(founder, address, built):
    founder.get(f"{address}enter/")

    with platform_scope(reason="test"):
        assert not User.objects.get(email="ada@lindenhof.example").has_usable_password()


def test_a_suspended_marketplace_is_not_walked_into(founder, address, built):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=built.pk).update(status="suspended")

    assert founder.get(f"{address}enter/")["Location"] == address


def test_watching_costs_the_same_whatever_the_number_of_steps(founder, address, django_assert_num_queries):
    with django_assert_num_queries(3):
        founder.get(address, headers=HTMX)
    with platform_scope(reason="test"):
        run = runs()[0]
        Step.objects.bulk_create(Step(run=run, name=f"more_{number}", position=50 + number) for number in range(20))

    with django_assert_num_queries(3):
        page = _text(founder.get(address, headers=HTMX))

    assert "More 19" in page


def test_a_browser_remembers_its_last_ten_runs(founder):
    for number in range(10):
        founder.post("/start/", answers(slug=f"lindenhof-{number}x", key=f"a-visit-with-number-{number}"))

    with platform_scope(reason="test"):
        watched = founder.session["sign_up_runs"]

    assert len(watched) == 10
    assert watched[0] == runs()[-1].public_id.hex
    assert new_id().hex not in watched
