"""Single records come back from a snapshot, with what belongs to them and nothing else; constraints decide, undo leads back."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from kernel.actor import Actor
from kernel.errors import Invalid, PermissionDenied
from provisioning.archives import kinship, singles
from provisioning.archives.kinds import KINDS, NEVER, PARTS, REFUSALS, RISING
from provisioning.archives.kinship import children_of, in_order, parts_of, touched_columns
from provisioning.archives.picks import NeedsOthers, Picks, RecordRefused
from provisioning.errors import RunNotFound
from provisioning.saga.engine import advance, advance_to_end
from provisioning.types import RunState
from shared_apps.accounts.models import User
from tenant_apps.availability.models import WeeklyWindow
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Category, Service
from tenant_apps.members.models import Membership
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import file_name
from tenants.residence import pause_writes, resume_writes
from tenants.scope import schema_scope, tenant_scope
from tests.factories.market import make_category
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.singly import facts_of, ordered, picked, refused, taken
from tests.provisioning.archives.swaps import content_of, restored, snapshot_of, undone, whole
from tests.provisioning.organizations import SYSTEM, again

pytestmark = pytest.mark.usefixtures("quiet")

LOOKER = Actor.operator(user_id=1, label="auditor@stoa.example", capabilities=frozenset({"tenants.view", "runs.view"}))


@pytest.fixture
def beside(shop):
    """What is there now, restored beside."""
    return restored(snapshot_of(shop))


def _provider() -> Provider:
    return Provider.objects.get(public_id=NAMES.uuid("pprovider"))


def _booking() -> Booking:
    return Booking.objects.filter(status=BookingStatus.CONFIRMED).order_by("id").first()


# --- what can be taken


def test_each_table_is_a_kind_a_part_or_never_taken_singly(market):
    lists = [{kind.table for kind in KINDS}, set(PARTS), set(NEVER)]
    with schema_scope(market.schema, reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [market.schema])
        tables = {name for (name,) in cursor.fetchall()}

    assert set().union(*lists) == tables
    assert sum(map(len, lists)) == len(tables)


def test_each_model_of_a_marketplace_is_in_one_list(market):
    labels = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    models = {model._meta.db_table for model in apps.get_models() if model._meta.app_label in labels}

    assert models <= {kind.table for kind in KINDS} | set(PARTS) | set(NEVER)


def test_what_belongs_to_a_provider_follows_from_the_models(market):
    assert {tie.table for tie in parts_of("providers_provider")} == {"availability_weeklywindow", "availability_dateexception"}
    assert {tie.table for tie in children_of("providers_provider")} == {"catalog_service"}
    assert set(in_order()) == {kind.table for kind in KINDS} | set(PARTS)


def test_a_kind_that_needs_what_never_comes_back_is_told_instead_of_looked_for_forever(monkeypatch):
    monkeypatch.setattr(kinship, "KINDS", tuple(kind for kind in KINDS if kind.table != "catalog_category"))

    with pytest.raises(LookupError, match="catalog_service"):
        kinship.in_order.__wrapped__()


def test_what_is_named_by_constraint_and_column_is_there(market):
    with schema_scope(market.schema, reason="test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace"
            " UNION SELECT indexname FROM pg_indexes WHERE schemaname = %(schema)s",
            {"schema": market.schema},
        )
        names = {name for (name,) in cursor.fetchall()}

    assert REFUSALS.keys() <= names
    assert {"bookings_booking": {"sequence"}} == RISING
    assert touched_columns("bookings_booking") == {"updated_at"}


def test_nothing_follows_at_once_when_a_row_is_put_in_anew(market):
    """Rows that a trigger guards are deleted and inserted: no foreign key to them may act on that."""
    with schema_scope(market.schema, reason="test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint k WHERE contype = 'f' AND connamespace = %s::regnamespace"
            " AND (confdeltype <> 'a' OR NOT condeferrable)"
            " AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = k.confrelid AND NOT tgisinternal)",
            [market.schema],
        )
        assert cursor.fetchall() == []


# --- back


def test_a_booking_that_is_gone_comes_back_under_its_own_ids_and_nothing_else_changes(shop, beside):
    with tenant_scope(shop):
        booking = _booking()
        public_id, number = booking.public_id, booking.pk
        booking.delete()
        Category.objects.filter(slug=NAMES.slug("deep")).update(name="Renamed")
    booking.pk = number
    before = whole(shop.schema)

    taken(beside, booking)

    with tenant_scope(shop):
        assert Booking.objects.get(pk=number).public_id == public_id
    after = whole(shop.schema)
    assert {table for table in before if before[table] != after[table]} == {"bookings_booking"}


def test_fields_are_set_back_and_open_forms_and_calendars_notice(shop, beside):
    with tenant_scope(shop):
        booking = _booking()
        Booking.objects.filter(pk=booking.pk).update(note="Changed since", sequence=7, link_epoch=3)

    taken(beside, booking)

    with tenant_scope(shop):
        now = Booking.objects.get(pk=booking.pk)
    assert (now.note, now.sequence, now.link_epoch) == (booking.note, 8, 3)
    assert now.updated_at > booking.updated_at


def test_a_booking_that_was_cancelled_by_mistake_is_confirmed_again(shop, beside):
    with tenant_scope(shop):
        booking = _booking()
        Booking.objects.filter(pk=booking.pk).update(status=BookingStatus.CANCELLED, due_at=None)

    taken(beside, booking)

    with tenant_scope(shop):
        assert Booking.objects.get(pk=booking.pk).status == BookingStatus.CONFIRMED


def test_a_booking_whose_time_was_sold_meanwhile_is_refused_and_nothing_changes(shop, beside):
    with tenant_scope(shop):
        booking = _booking()
        number = booking.pk
        booking.delete()
        Booking.objects.create(**facts_of(booking) | {"public_id": UUID(int=7), "note": "Sold since"})
        other = make_category("Made since")
    booking.pk = number
    before = whole(shop.schema)

    said = refused(beside, booking)

    assert "the time was sold to somebody else meanwhile" in said
    assert "Nothing was changed" in said
    assert whole(shop.schema) == before
    with tenant_scope(shop):
        assert Category.objects.filter(pk=other.pk).exists()


def test_a_provider_comes_back_with_the_hours_of_then(shop, beside):
    with tenant_scope(shop):
        provider = _provider()
        hours = set(WeeklyWindow.objects.filter(provider=provider).values_list("id", "weekday", "starts_minute", "ends_minute"))
        assert hours
        WeeklyWindow.objects.filter(provider=provider).delete()
        WeeklyWindow.objects.create(provider=provider, weekday=0, starts_minute=0, ends_minute=1440)
        Provider.objects.filter(pk=provider.pk).update(display_name="Renamed")

    taken(beside, provider)

    with tenant_scope(shop):
        now = Provider.objects.get(pk=provider.pk)
        assert now.display_name == provider.display_name
        found = WeeklyWindow.objects.filter(provider=provider).values_list("id", "weekday", "starts_minute", "ends_minute")
        assert set(found) == hours


def test_what_was_deleted_with_a_provider_comes_back_with_them_and_what_is_there_stays(shop, beside):
    with tenant_scope(shop):
        provider = _provider()
        service = Service.objects.get(public_id=NAMES.uuid("clean"))
        Booking.objects.all().delete()
        Provider.objects.filter(pk=provider.pk).delete()
        other = Service.objects.get(public_id=NAMES.uuid("windows"))
        Service.objects.filter(pk=other.pk).update(title="Changed since")
        assert not Service.objects.filter(pk=service.pk).exists()

    taken(beside, provider)

    with tenant_scope(shop):
        assert Service.objects.get(pk=service.pk).provider_id == provider.pk
        assert Service.objects.get(pk=other.pk).title == "Changed since"
        assert not Booking.objects.exists()


def test_what_it_needs_and_is_gone_as_well_is_named_and_offered(shop, beside):
    with tenant_scope(shop):
        service = Service.objects.get(public_id=NAMES.uuid("clean"))
        category = Category.objects.get(slug=NAMES.slug("deep"))
        Booking.objects.all().delete()
        Service.objects.filter(category=category).delete()
        Category.objects.filter(pk=category.pk).delete()

    with pytest.raises(NeedsOthers, match=f"Category “{category.name}”") as refusal:
        ordered(beside, service)

    assert refusal.value.picks.rows["catalog_category"] == {category.pk}
    run = singles.order_records(actor=SYSTEM, run_id=beside.public_id, picks=refusal.value.picks)
    assert advance(run.pk) == RunState.DONE
    with tenant_scope(shop):
        assert Service.objects.get(pk=service.pk).category_id == category.pk


def test_a_customer_who_is_gone_leaves_the_booking_without_one_as_their_deletion_did(shop, beside):
    with tenant_scope(shop):
        booking = Booking.objects.exclude(customer=None).filter(status=BookingStatus.CONFIRMED).order_by("id").first()
        customer_id, number = booking.customer_id, booking.pk
        booking.delete()
        User.objects.filter(pk=customer_id).delete()
    booking.pk = number

    taken(beside, booking)

    with tenant_scope(shop):
        assert Booking.objects.get(pk=number).customer_id is None


def test_a_person_comes_back_with_addresses_and_without_a_way_in_or_rights(shop, beside):
    with tenant_scope(shop):
        person = User.objects.get(email=NAMES.email("manager"))
        number = person.pk
        User.objects.filter(pk=number).update(password="md5$secret$of-then")
        Membership.objects.filter(user=person).delete()
        person.emailaddress_set.all().delete()
        User.objects.filter(pk=number).delete()

    taken(beside, person)

    with tenant_scope(shop):
        now = User.objects.get(pk=number)
        assert (now.email, now.password) == (person.email, "!")
        assert [address.email for address in now.emailaddress_set.all()] == [person.email]
        assert not Membership.objects.filter(user=now).exists()


def test_how_somebody_signs_in_stays_as_it_is_today(shop, beside):
    with tenant_scope(shop):
        person = User.objects.get(email=NAMES.email("owner"))
        User.objects.filter(pk=person.pk).update(
            first_name="Changed", email="today@world.example", password="md5$today$x", is_active=False
        )

    taken(beside, person)

    with tenant_scope(shop):
        now = User.objects.get(pk=person.pk)
    assert (now.first_name, now.email, now.password, now.is_active) == ("Ada", "today@world.example", "md5$today$x", False)


def test_pictures_come_back_with_the_record_that_names_them(shop):
    key = NAMES.picture
    with tenant_scope(shop):
        default_storage.delete(file_name(key, 96))
        default_storage.save(file_name(key, 96), ContentFile(b"then"))
        default_storage.save("images/nobodys-picture-of-then.webp", ContentFile(b"then"))
    beside = restored(snapshot_of(shop))
    with tenant_scope(shop):
        provider = _provider()
        default_storage.delete(file_name(key, 96))
        default_storage.delete("images/nobodys-picture-of-then.webp")
        Provider.objects.filter(pk=provider.pk).update(logo="")

    run = taken(beside, provider)

    assert content_of(shop, file_name(key, 96)) == b"then"
    with tenant_scope(shop):
        assert not default_storage.exists("images/nobodys-picture-of-then.webp")
    undone(run)
    with tenant_scope(shop):
        assert not default_storage.exists(file_name(key, 96))


def test_new_rows_count_on_behind_those_that_came_back(shop, beside):
    with tenant_scope(shop):
        category = make_category("Later")
        last = category.pk
        Category.objects.filter(slug=NAMES.slug("deep")).update(name="Renamed")
        old = Category.objects.get(slug=NAMES.slug("deep"))

    taken(beside, old)

    with tenant_scope(shop):
        assert make_category("Latest").pk > last


def test_while_it_is_being_moved_nothing_is_brought_back(shop, beside):
    """What the schemas' owner writes no pause stops: it would stay behind on the cluster that is left."""
    with tenant_scope(shop):
        category = Category.objects.get(slug=NAMES.slug("deep"))
        Category.objects.filter(pk=category.pk).update(name="Renamed")
    run = ordered(beside, category)
    pause_writes(actor=SYSTEM, tenant_id=shop.id)
    before = whole(shop.schema)

    assert advance(run.pk) == RunState.RUNNING

    assert whole(shop.schema) == before
    resume_writes(actor=SYSTEM, tenant_id=shop.id)
    assert advance_to_end(run.pk) == RunState.DONE, again(run).error
    with tenant_scope(shop):
        assert Category.objects.get(pk=category.pk).name == category.name


# --- who, and what is no order


def test_only_who_works_on_organizations_takes_records(shop, beside):
    with tenant_scope(shop):
        category = Category.objects.get(slug=NAMES.slug("deep"))

    with pytest.raises(PermissionDenied):
        singles.order_records(actor=LOOKER, run_id=beside.public_id, picks=picked(category))


def test_a_run_that_restored_nothing_has_no_records(shop):
    with pytest.raises(RunNotFound):
        singles.order_records(actor=SYSTEM, run_id=UUID(int=5), picks=Picks({"catalog_category": frozenset({1})}))


def test_a_record_that_is_not_in_the_snapshot(shop, beside):
    with tenant_scope(shop):
        since = make_category("Made since")

    with pytest.raises(RecordRefused, match="not in the snapshot"):
        ordered(beside, since)


@pytest.mark.parametrize("text", ["", "bookings:", "members:1", "bookings:x", f"bookings:{2**63}", "bookings:-1", "bookings:²"])
def test_what_is_no_choice_is_refused(text):
    with pytest.raises(Invalid):
        Picks.from_text(text)


def test_too_many_at_a_time_are_refused():
    with pytest.raises(Invalid, match="at most 200"):
        Picks.from_text(f"bookings:{','.join(map(str, range(1, 202)))}")


def test_a_choice_reads_back():
    text = "bookings:1,2 services:9"

    assert Picks.from_text(text).as_text() == text
