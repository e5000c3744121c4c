"""The console's pages of snapshots: taken, compared, single records brought back, all put in place, and undone."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kernel import clock
from kernel.ids import format_public_id
from provisioning.archives import records
from provisioning.archives.comparing import Difference
from provisioning.archives.services import begin_archive
from provisioning.models import Run
from provisioning.saga.engine import advance, advance_to_end
from provisioning.types import RunKind, RunState
from provisioning.views import snapshots
from shared_apps.accounts.models import User
from shared_apps.archives.models import Archive
from shared_apps.audit.models import AuditEntry
from shared_apps.operators.types import OperatorRole
from tenant_apps.availability.models import WeeklyWindow
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category, Service
from tenant_apps.providers.models import Provider
from tenants.scope import platform_scope, tenant_scope
from tests.console.conftest import browser_of
from tests.console.happenings import make_run, tenant_url, text_of, url_of
from tests.factories.market import make_category
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.singly import taken
from tests.provisioning.archives.swaps import now_of, restored, snapshot_of
from tests.provisioning.organizations import again

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def admin(shop) -> Client:
    return browser_of(OperatorRole.ADMIN)


@pytest.fixture
def beside(shop) -> Run:
    return restored(snapshot_of(shop))


def _url(run: Run, rest: str = "") -> str:
    return f"/console/restored/{format_public_id('run', run.public_id)}/{rest}"


def _newest(kind: RunKind) -> Run:
    with platform_scope(reason="test"):
        return Run.objects.filter(kind=kind).latest("pk")


def _category() -> Category:
    return Category.objects.get(slug=NAMES.slug("deep"))


def test_an_organization_without_a_snapshot_is_told_what_one_is_for(shop, admin):
    assert "No snapshot yet" in text_of(admin.get(tenant_url(shop.id)))


def test_a_snapshot_is_taken_and_shown_with_what_is_in_it(shop, admin):
    response = admin.post(tenant_url(shop.id, "snapshots/"))

    assert response.status_code == 303
    page = text_of(admin.get(tenant_url(shop.id, "snapshots/")))
    assert "Being written" in page
    assert "hx-trigger" in page
    with platform_scope(reason="test"):
        archive = Archive.objects.get(is_snapshot=True)
    assert advance(begin_archive(archive.public_id).pk) == RunState.DONE
    page = text_of(admin.get(tenant_url(shop.id)))
    assert "admin@stoa.example" in page
    assert "Compare" in page
    assert "hx-trigger" not in page


def test_comparing_restores_beside_shows_how_far_it_is_and_then_what_differs_in_peoples_words(shop, admin):
    archive = snapshot_of(shop)
    with tenant_scope(shop):
        Booking.objects.order_by("id").first().delete()

    response = admin.post(tenant_url(shop.id, f"snapshots/{archive.outside_id}/"))

    run = _newest(RunKind.RESTORE_ORGANIZATION)
    assert response["Location"] == _url(run)
    assert "is being restored beside" in text_of(admin.get(_url(run)))
    assert advance(run.pk) == RunState.DONE
    page = text_of(admin.get(_url(run)))
    assert [line.name for line in admin.get(_url(run)).context["lines"]] == ["Bookings"]
    assert "Put all in its place" in page
    assert _url(run, "bookings/") in page
    for where in (tenant_url(shop.id), f"/console/runs/{format_public_id('run', run.public_id)}/"):
        assert _url(run) in text_of(admin.get(where))


def test_nothing_differs(admin, beside):
    assert "Nothing differs" in text_of(admin.get(_url(beside)))


def test_records_are_listed_searched_and_chosen(shop, admin, beside):
    with tenant_scope(shop):
        booking = Booking.objects.order_by("id").first()
        other = Booking.objects.order_by("id").last()
        name = f"{other.first_name} {other.last_name}".strip()
        Booking.objects.filter(pk=other.pk).update(note="Changed", first_name="Zoe")
        Booking.objects.filter(pk=booking.pk).delete()

    rows = admin.get(_url(beside, "bookings/")).context["page"].rows
    found = admin.get(_url(beside, "bookings/"), {"q": "nobody has this name"})
    response = admin.post(_url(beside, "take/"), {"kind": "bookings", "record": [str(booking.pk), str(other.pk)]})

    assert [(row.number, row.is_gone) for row in rows] == [(other.pk, False), (booking.pk, True)]
    assert name.split()[0] in rows[0].title
    assert "Nothing found" in text_of(found)
    run = _newest(RunKind.TAKE_RECORDS)
    assert response["Location"].endswith(f"/console/runs/{format_public_id('run', run.public_id)}/")
    assert advance(run.pk) == RunState.DONE, again(run).error
    assert "Nothing is gone or changed" in text_of(admin.get(_url(beside, "bookings/")))
    assert f'href="{_url(beside)}">Then and now</a>' in admin.get(response["Location"]).content.decode()
    assert "Can be undone until" in text_of(admin.get(tenant_url(shop.id)))


def test_a_record_is_seen_then_and_now_with_its_hours(shop, admin, beside):
    with tenant_scope(shop):
        provider = Provider.objects.get(public_id=NAMES.uuid("pprovider"))
        Provider.objects.filter(pk=provider.pk).update(display_name="Renamed")
        WeeklyWindow.objects.filter(provider=provider).delete()
        WeeklyWindow.objects.create(provider=provider, weekday=6, starts_minute=60, ends_minute=120)

    record = admin.get(_url(beside, f"providers/{provider.pk}/")).context["record"]

    changed = {str(line.label): (line.then, line.now) for line in record.lines if line.differs}
    assert changed["Name"] == (provider.display_name, "Renamed")
    assert changed["Weekly hours"][1] == "Sunday · 01:00 · 02:00"
    assert changed.keys() == {"Name", "Weekly hours"}


def test_a_record_of_which_only_the_hours_changed_is_in_the_list(shop, admin, beside):
    with tenant_scope(shop):
        provider = Provider.objects.get(public_id=NAMES.uuid("pprovider"))
        WeeklyWindow.objects.filter(provider=provider).delete()

    rows = admin.get(_url(beside, "providers/")).context["page"].rows

    assert [row.number for row in rows] == [provider.pk]


def test_values_are_in_words(shop, admin, beside):
    with tenant_scope(shop):
        service = Service.objects.get(public_id=NAMES.uuid("clean"))
        Booking.objects.filter(service=service).delete()
        service_id = service.pk
        service.delete()

    record = admin.get(_url(beside, f"services/{service_id}/")).context["record"]

    shown = {str(line.label): line.then for line in record.lines}
    with tenant_scope(shop):
        assert shown["Category"] == _category().name
    assert (shown["Price"], shown["State"], shown["Most on a day"]) == ("£96.00", "Live", "–")


def test_no_secret_is_shown(shop, admin, beside):
    with tenant_scope(shop):
        person, booking = User.objects.get(email=NAMES.email("owner")), Booking.objects.order_by("id").first()
        User.objects.filter(pk=person.pk).update(password="md5$today$x", first_name="Changed", last_login=clock.now())

    pages = [admin.get(_url(beside, rest)) for rest in (f"people/{person.pk}/", f"bookings/{booking.pk}/")]

    shown = {str(line.label) for page in pages for line in page.context["record"].lines}
    assert {"First name", "Note"} <= shown
    assert not shown & {"Password", "Hold key", "Id", "Public id"}
    assert "md5$" not in text_of(pages[0])


def test_who_only_signed_in_since_is_no_difference(shop, admin, beside):
    with tenant_scope(shop):
        User.objects.update(last_login=clock.now())

    assert "Nothing is gone or changed" in text_of(admin.get(_url(beside, "people/")))


def test_what_is_needed_besides_is_named_and_one_press_takes_both(shop, admin, beside):
    with tenant_scope(shop):
        Booking.objects.all().delete()
        service = Service.objects.get(public_id=NAMES.uuid("clean"))
        category, number = _category(), service.pk
        category_number, name = category.pk, category.name
        Service.objects.filter(category=category).delete()
        category.delete()

    page = admin.post(_url(beside, "take/"), {"kind": "services", "record": [str(number)]})

    assert page.status_code == 409
    assert f"Category “{name}”" in text_of(page)
    picks = f"services:{number} categories:{category_number}"
    assert admin.post(_url(beside, "take/"), {"picks": picks}).status_code == 303
    assert advance(_newest(RunKind.TAKE_RECORDS).pk) == RunState.DONE
    with tenant_scope(shop):
        assert Service.objects.filter(pk=number).exists()


def test_nothing_chosen_is_said(admin, beside):
    response = admin.post(_url(beside, "take/"), {"kind": "bookings"}, follow=True)

    assert "Choose at least one record" in text_of(response)
    assert response.request["PATH_INFO"] == _url(beside, "bookings/")


def test_what_goes_what_changes_and_what_comes_back_is_said_before(admin, beside, monkeypatch):
    found = [Difference("catalog_category", added=5, changed=6, removed=7, same=8), Difference("accounts_user", 0, 9, 0, 1)]
    monkeypatch.setattr(snapshots, "differences_of", lambda _run: found)

    page = text_of(admin.get(_url(beside, "swap/")))

    goes, changes, comes = (
        page.index(f'<h2 class="h4">{words}</h2>') for words in ("What goes", "What changes", "What comes back")
    )
    assert goes < page.index("Categories, written since: 7") < changes
    assert changes < page.index("Categories, as they were then: 6") < page.index("People, as they were then: 9") < comes
    assert comes < page.index("Categories, gone since: 5")
    assert "People, written since" not in page


def test_all_is_put_in_place_when_its_name_is_typed_and_taken_back(shop, admin, beside):
    with tenant_scope(shop):
        make_category("Made since")
    wrong = admin.post(_url(beside, "swap/"), {"confirmed_name": "something"})
    response = admin.post(_url(beside, "swap/"), {"confirmed_name": "acme", "reason": "Imported the wrong list"})

    assert wrong.status_code == 422
    with platform_scope(reason="test"):
        entry = AuditEntry.objects.get(action="snapshot.swapped", tenant_id=shop.id)
    assert (entry.reason, entry.actor_label) == ("Imported the wrong list", "admin@stoa.example")
    run = _newest(RunKind.SWAP_ORGANIZATION)
    assert response["Location"] == url_of(run)
    assert advance_to_end(run.pk) == RunState.DONE, again(run).error
    assert now_of(run).schema != shop.schema
    assert "is in place by now" in text_of(admin.get(_url(beside)))
    undo = f"/console/runs/{format_public_id('run', run.public_id)}/undo/"
    assert undo in text_of(admin.get(tenant_url(shop.id)))


def test_a_list_asks_as_much_of_the_database_however_long_it_is(shop, admin, beside, monkeypatch):
    monkeypatch.setattr(records, "PAGE_SIZE", 2)
    counted = []
    for _ in range(2):
        with tenant_scope(shop):
            Booking.objects.order_by("id").first().delete()
        with CaptureQueriesContext(connection) as queries:
            admin.get(_url(beside, "bookings/"))
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_a_long_list_goes_on_behind_its_last_record(shop, admin, beside, monkeypatch):
    monkeypatch.setattr(records, "PAGE_SIZE", 2)
    with tenant_scope(shop):
        numbers = sorted(Booking.objects.values_list("id", flat=True), reverse=True)
        Booking.objects.all().delete()

    first = admin.get(_url(beside, "bookings/")).context["page"]
    second = admin.get(_url(beside, "bookings/"), {"after": first.next_cursor}).context["page"]

    assert [row.number for row in [*first.rows, *second.rows]] == numbers[:4]


@pytest.mark.parametrize("rest", ["", "swap/", "bookings/", "bookings/1/"])
def test_a_run_that_restored_nothing_has_no_such_pages(admin, rest):
    assert admin.get(_url(make_run(), rest)).status_code == 404


def test_what_an_undo_takes_away_is_said_of_what_the_run_did(shop, admin, beside):
    with tenant_scope(shop):
        Category.objects.filter(pk=_category().pk).update(name="Renamed")
        category = _category()
    undo = f"/console/runs/{format_public_id('run', taken(beside, category).public_id)}/undo/"

    asked = text_of(admin.get(undo))
    answered = text_of(admin.post(undo, {"confirmed_name": "acme"}, follow=True))

    assert "what was there before comes again" in asked
    assert "What was restored beside" not in asked
    assert "It is being undone" in answered
    assert "is being removed" not in answered


def test_of_an_erased_organization_nothing_is_compared_any_more(admin, beside):
    """What was asked for was taken off the run, and its organization's name."""
    with platform_scope(reason="test"):
        Run.objects.filter(pk=beside.pk).update(request={})

    assert [admin.get(_url(beside, rest)).status_code for rest in ("", "swap/", "bookings/")] == [404, 404, 404]
    page = admin.get(f"/console/runs/{format_public_id('run', beside.public_id)}/")
    assert page.status_code == 200
    assert _url(beside) not in text_of(page)


@pytest.mark.parametrize("rest", ["members/", "bookings/999999999/", "nothing/1/"])
def test_a_kind_or_record_that_is_not_there(admin, beside, rest):
    assert admin.get(_url(beside, rest)).status_code == 404


def test_who_may_only_look_sees_the_comparison_and_no_persons_record(shop, beside):
    support = browser_of(OperatorRole.SUPPORT)

    page = text_of(support.get(_url(beside)))

    assert "Put all in its place" not in page
    assert "Take a snapshot now" not in text_of(support.get(tenant_url(shop.id)))
    for rest in ("swap/", "people/", "people/1/"):
        assert support.get(_url(beside, rest)).status_code == 403
    assert support.post(_url(beside, "take/")).status_code == 403
    assert support.post(tenant_url(shop.id, "snapshots/")).status_code == 403
