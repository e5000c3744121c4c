"""Blueprints and samples: read strictly, applied once, believable when they are in."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from provisioning.content import reading
from provisioning.content.reading import blueprint_ids, load_blueprint, load_sample, sample_slugs
from provisioning.content.services import apply_blueprint, apply_sample
from shared_apps.accounts.models import User
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category, Service
from tenant_apps.providers.models import Provider
from tenants.registry import update_tenant
from tenants.scope import tenant_scope
from themes.engine.errors import PackageError
from themes.engine.packages import get_package

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
WORKDAY = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
"""A Wednesday: in the middle of it in all three places."""


@pytest.mark.parametrize("name", blueprint_ids())
def test_a_blueprint_has_shelves_words_and_a_look_that_its_package_accepts(name):
    blueprint = load_blueprint(name)

    assert len(blueprint.categories) >= 4
    assert {"provider", "providers", "booking", "bookings"} <= set(blueprint.vocabulary)
    get_package(blueprint.look.package).resolve_tokens(blueprint.look.tokens)


@pytest.mark.parametrize("slug", sample_slugs())
def test_a_sample_is_a_whole_marketplace(alpha, slug):
    sample = load_sample(slug)
    base = sample.blueprint
    place = {"currency": base.currency, "time_zone": base.time_zone, "locale": base.locale}
    update_tenant(tenant_id=alpha.id, **place)
    tenant = replace(alpha, **place)

    with tenant_scope(tenant):
        apply_sample(sample, password="a-demo-password", now=NOW)

        assert Provider.objects.filter(status="live").count() >= 6
        assert Service.objects.filter(status="live").count() >= 12
        assert set(Booking.objects.values_list("status", flat=True)) >= {"completed", "confirmed", "pending"}
        assert Booking.objects.filter(starts_at__lt=NOW).count() >= 20
        assert User.objects.first().check_password("a-demo-password")


@pytest.mark.parametrize("slug", sample_slugs())
def test_somebody_of_a_sample_works_on_every_day_so_that_no_day_of_the_demo_is_empty(slug):
    hours = [window for provider in load_sample(slug).providers for window in provider.windows]

    assert {weekday for weekday, _starts, _ends in hours} == set(range(7))


def test_a_samples_bookings_leave_no_hole_between_the_past_weeks_today_and_the_days_ahead(alpha):
    sample = load_sample("northgate")
    tenant = replace(alpha, currency=sample.blueprint.currency, time_zone=sample.blueprint.time_zone)
    update_tenant(tenant_id=alpha.id, currency=tenant.currency)

    with tenant_scope(tenant):
        apply_sample(sample, password="a-demo-password", now=WORKDAY)
        days = [
            (starts_at.astimezone(ZoneInfo(tenant.time_zone)).date() - WORKDAY.date()).days
            for starts_at in Booking.objects.order_by("starts_at").values_list("starts_at", flat=True)
        ]
        open_today = Booking.objects.filter(starts_at__date=WORKDAY.date(), status="pending")
        lapsed = Booking.objects.filter(status="pending", due_at__lte=WORKDAY)

        by_week = Counter(day // 7 for day in days if day < 0)
        assert sorted(by_week) == list(range(-12, 0))
        assert by_week[-1] > by_week[-12]
        assert days.count(0) >= 3
        assert {day for day in days if day > 0} >= {1, 2}
        assert not open_today.exists()
        assert not lapsed.exists()


def test_applying_a_sample_again_changes_nothing(in_alpha):
    sample = load_sample("brightnest")
    apply_sample(sample, password="a-demo-password", now=NOW)
    before = Booking.objects.count()

    apply_sample(sample, password="a-demo-password", now=NOW)

    assert (Provider.objects.count(), Booking.objects.count()) == (6, before)


def test_applying_a_blueprint_again_keeps_what_the_owner_changed(in_alpha):
    apply_blueprint(load_blueprint("tutoring"))
    Category.objects.filter(name="Sciences").update(icon="atom")

    apply_blueprint(load_blueprint("tutoring"))

    assert list(Category.objects.values_list("name", "icon"))[1] == ("Sciences", "atom")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('icon = "house"', 'ikon = "house"'), "icon"),
        (('currency = "GBP"', 'currency = "pounds"'), "currency"),
        (('package = "fresh"', ""), "package"),
        (("[[categories]]", "[[shelves]]"), "shelves"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path, monkeypatch, change, words):
    (tmp_path / "blueprints").mkdir()
    text = (reading._FOLDER / "blueprints" / "home_services.toml").read_text()
    (tmp_path / "blueprints" / "home_services.toml").write_text(text.replace(*change))
    monkeypatch.setattr(reading, "_FOLDER", tmp_path)

    with pytest.raises(PackageError, match=words):
        load_blueprint.__wrapped__("home_services")


def test_hours_that_are_none_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_FOLDER", reading._FOLDER)
    table = reading.TableReader("samples/x.toml", "providers.1", {})

    with pytest.raises(PackageError, match="mon-fri"):
        reading._windows(table, "weekdays 9 to 5")
