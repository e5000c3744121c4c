"""The plan's storage: what is uploaded is weighed as it is stored, and what does not fit is refused beside its field."""

from dataclasses import replace
from pathlib import Path

import pytest

from kernel.errors import PlanLimit
from shared_apps.plans.errors import LimitReached
from tenant_apps.providers.models import Provider
from tenant_apps.providers.selectors import stored_bytes
from tenant_apps.providers.types import PictureKind
from tenants.scope import tenant_scope
from tests.factories.market import make_provider
from tests.providers.conftest import encoded, put

MEGABYTE = 1024 * 1024


@pytest.fixture
def in_one_megabyte(alpha):
    with tenant_scope(replace(alpha, entitlements={"storage_megabytes": 1})) as context:
        yield context


@pytest.fixture
def provider(in_one_megabyte):
    return make_provider()


def _files(settings) -> list[Path]:
    return list(Path(settings.MEDIA_ROOT).rglob("*.webp"))


def _fill_up(*, all_but: int) -> Provider:
    """Another provider, whose pictures leave so many bytes."""
    return make_provider("Tomasz", logo="f" * 32, logo_bytes=MEGABYTE - all_but)


def test_what_is_stored_is_what_the_files_weigh(provider, settings):
    put(PictureKind.LOGO, encoded("PNG"), provider=provider)
    put(PictureKind.HEADER, encoded("PNG", (1600, 600)), provider=provider)

    assert stored_bytes() == sum(path.stat().st_size for path in _files(settings)) > 0


def test_a_picture_put_in_place_of_another_or_taken_away_gives_its_room_back(provider):
    put(PictureKind.LOGO, encoded("PNG"), provider=provider)
    alone = stored_bytes()

    put(PictureKind.LOGO, encoded("PNG"), provider=provider)
    twice = stored_bytes()
    put(PictureKind.LOGO, None, provider=provider)

    assert (twice, stored_bytes()) == (alone, 0)


def test_a_picture_without_room_is_refused_beside_its_field_and_leaves_nothing(provider, settings):
    _fill_up(all_but=10)

    with pytest.raises(LimitReached, match="your plan stores 1 MB") as refusal:
        put(PictureKind.HEADER, encoded("PNG", (1600, 600)), provider=provider)

    provider.refresh_from_db()
    assert (refusal.value.field, refusal.value.entitlement) == ("header_image", "storage_megabytes")
    assert (refusal.value.http_status, provider.header_image) == (PlanLimit.http_status, "")
    assert _files(settings) == []


def test_the_last_byte_may_be_filled(provider):
    put(PictureKind.LOGO, encoded("PNG"), provider=provider)
    weight = stored_bytes()
    put(PictureKind.LOGO, None, provider=provider)
    _fill_up(all_but=weight)

    assert put(PictureKind.LOGO, encoded("PNG"), provider=provider).logo is not None
    assert stored_bytes() == MEGABYTE


def test_who_is_over_the_limit_since_the_plan_changed_can_still_take_away_and_write(provider):
    put(PictureKind.LOGO, encoded("PNG"), provider=provider)
    _fill_up(all_but=-MEGABYTE)

    same = put(PictureKind.LOGO, encoded("PNG"), provider=provider)
    gone = put(PictureKind.LOGO, None, provider=provider)

    assert same.logo is not None
    assert gone.logo is None


def test_room_that_was_given_away_while_one_waited_for_the_lock_is_gone(provider, monkeypatch):
    put(PictureKind.LOGO, encoded("PNG"), provider=provider)
    other = _fill_up(all_but=stored_bytes())

    def others_were_first(_name: str) -> None:
        Provider.objects.filter(pk=provider.pk).update(logo="", logo_bytes=0)
        Provider.objects.filter(pk=other.pk).update(logo_bytes=MEGABYTE)

    monkeypatch.setattr("shared_apps.plans.services.asking.lock_named", others_were_first)

    with pytest.raises(LimitReached):
        put(PictureKind.LOGO, encoded("PNG"), provider=provider)


def test_room_that_nobody_took_meanwhile_is_there_behind_the_lock(provider, monkeypatch):
    put(PictureKind.LOGO, encoded("PNG"), provider=provider)
    _fill_up(all_but=stored_bytes())
    asked = []
    monkeypatch.setattr("shared_apps.plans.services.asking.lock_named", asked.append)

    assert put(PictureKind.LOGO, encoded("PNG"), provider=provider).logo is not None

    assert asked == ["limit:storage_megabytes"]


def test_without_a_limit_nothing_is_counted(alpha):
    with tenant_scope(replace(alpha, entitlements={"storage_megabytes": None})):
        _fill_up(all_but=-MEGABYTE)

        assert put(PictureKind.LOGO, encoded("PNG"), provider=make_provider()).logo is not None
