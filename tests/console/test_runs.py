"""Runs in the console: what each step did, and setting one going or taking it back."""

import pytest

from provisioning.models import Run, Step
from provisioning.types import RunKind, RunState, StepState
from provisioning.views import console
from tenants.scope import platform_scope
from tests.console.happenings import failed_run, make_run, state_of, text_of, trail, url_of


def test_no_runs_yet_says_where_they_come_from(admin):
    assert "No runs yet" in text_of(admin.get("/console/runs/"))


def test_the_list_is_filtered_by_state(admin):
    failed, waiting = failed_run(), make_run()

    page = text_of(admin.get("/console/runs/", {"state": "failed"}))

    assert url_of(failed) in page
    assert url_of(waiting) not in page
    assert "Opening your web address" in page


def test_a_state_without_runs_says_so(admin):
    make_run()

    assert "No run is in this state" in text_of(admin.get("/console/runs/", {"state": "undone"}))


def test_the_newest_run_is_first_and_the_list_goes_on(admin, monkeypatch):
    monkeypatch.setattr(console, "PAGE_SIZE", 1)
    old, new = make_run(), make_run()

    first = admin.get("/console/runs/")
    second = admin.get("/console/runs/", {"after": first.context["page"].next_cursor})

    assert url_of(new) in text_of(first)
    assert url_of(old) not in text_of(first)
    assert url_of(old) in text_of(second)


def test_the_list_costs_the_same_for_many(admin, django_assert_num_queries):
    failed_run()
    admin.get("/console/runs/")
    with django_assert_num_queries(5):
        admin.get("/console/runs/")
    for _ in range(5):
        failed_run()

    with django_assert_num_queries(5):
        admin.get("/console/runs/")


def test_a_run_shows_steps_times_tries_and_errors(admin):
    run = failed_run("kiln")

    page = text_of(admin.get(url_of(run)))

    assert "DnsError: no answer" in page
    assert "0.09 sec" in page
    assert "ann@x.example" in page
    assert "3/8" in page
    assert "hx-get" not in page


def test_the_list_says_what_each_run_does(admin):
    run = make_run("kiln")
    with platform_scope(reason="test"):
        Run.objects.filter(pk=run.pk).update(kind=RunKind.SWAP_ORGANIZATION)
    make_run("loom")

    page, title = text_of(admin.get("/console/runs/")), text_of(admin.get(url_of(run)))

    assert "Put a restored snapshot in an organization" in page
    assert "Create an organization" in page
    assert "kiln" in page
    assert "Put a restored snapshot in an organization" in title.partition("</h1>")[0]


def test_a_run_that_goes_on_is_asked_for_again(admin):
    run = make_run()

    page = text_of(admin.get(url_of(run)))
    part = text_of(admin.get(url_of(run), headers={"HX-Request": "true"}))

    assert f'hx-get="{url_of(run)}"' in page
    assert "<html" not in part
    assert 'id="run"' in part


def test_a_step_that_this_code_does_not_know_is_shown_by_its_name(admin):
    run = make_run()
    with platform_scope(reason="test"):
        Step.objects.create(run=run, name="polish_brass", position=99)

    assert "Polish brass" in text_of(admin.get(url_of(run)))


def test_retry_sets_a_failed_run_going_and_is_noted(support):
    run = failed_run("kiln")

    response = support.post(url_of(run, "retry/"))

    assert response["Location"] == url_of(run)
    assert state_of(run) == RunState.RUNNING
    assert trail() == [("run.retried", "kiln", "support@stoa.example", "")]


def test_retry_of_a_run_that_has_not_failed_changes_and_notes_nothing(support):
    run = make_run()

    support.post(url_of(run, "retry/"))

    assert state_of(run) == RunState.PENDING
    assert trail() == []


def test_undo_asks_for_the_name_first(admin):
    run = failed_run("kiln")

    page = text_of(admin.get(url_of(run, "undo/")))

    assert "Type kiln" in page
    assert state_of(run) == RunState.FAILED


def test_undo_says_what_goes_and_nothing_that_was_never_made(admin):
    run = failed_run("kiln")
    with platform_scope(reason="test"):
        Step.objects.filter(run=run).update(state=StepState.PENDING)
        Step.objects.filter(run=run, name__in=["name", "schema"]).update(state=StepState.DONE)

    page = text_of(admin.get(url_of(run, "undo/")))

    assert "The address kiln." in page
    assert "every provider, service, booking and customer" in page
    assert "The sign-ins of its owner" not in page


def test_undo_with_the_name_begins_and_is_noted(admin):
    run = failed_run("kiln")

    response = admin.post(url_of(run, "undo/"), {"confirmed_name": "kiln", "reason": "a test of ours"})

    assert response["Location"] == url_of(run)
    assert state_of(run) == RunState.UNDOING
    assert trail() == [("run.undone", "kiln", "admin@stoa.example", "a test of ours")]


@pytest.mark.parametrize("typed", ["", "Kiln", "other"])
def test_undo_with_another_name_does_nothing(admin, typed):
    run = failed_run("kiln")

    response = admin.post(url_of(run, "undo/"), {"confirmed_name": typed})

    assert response.status_code == 422
    assert 'aria-invalid="true"' in text_of(response)
    assert state_of(run) == RunState.FAILED
    assert trail() == []


def test_undo_of_what_is_undone_is_refused(admin):
    run = failed_run("kiln")
    with platform_scope(reason="test"):
        Run.objects.filter(pk=run.pk).update(state=RunState.UNDONE)

    response = admin.post(url_of(run, "undo/"), {"confirmed_name": "kiln"})

    assert response.status_code == 409
    assert trail() == []


def test_buttons_are_there_only_where_they_do_something(admin):
    run = failed_run()
    with platform_scope(reason="test"):
        Run.objects.filter(pk=run.pk).update(state=RunState.UNDONE)

    page = text_of(admin.get(url_of(run)))

    assert url_of(run, "retry/") not in page
    assert url_of(run, "undo/") not in page
