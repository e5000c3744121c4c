"""Pictures whose weight nobody noted are weighed afterwards, so that the plan's storage counts them."""

from pathlib import Path

import pytest

from config.jobs import KINDS, SCHEDULES
from tenant_apps.providers.handlers import weigh_pictures_of_tenant
from tenant_apps.providers.jobs import WeighPictures
from tenant_apps.providers.models import Provider
from tenant_apps.providers.selectors import stored_bytes
from tenant_apps.providers.services import weigh_pictures, weighing
from tenant_apps.providers.types import PictureKind
from tests.factories.market import make_provider
from tests.providers.conftest import encoded, put


@pytest.fixture
def provider(in_alpha):
    """Somebody with both pictures, stored when nobody noted what they weigh."""
    found = make_provider()
    put(PictureKind.LOGO, encoded("PNG"), provider=found)
    put(PictureKind.HEADER, encoded("PNG", (1600, 600)), provider=found)
    Provider.objects.update(logo_bytes=0, header_image_bytes=0)
    return found


def _weight_of_files(settings) -> int:
    return sum(path.stat().st_size for path in Path(settings.MEDIA_ROOT).rglob("*.webp"))


def test_pictures_without_a_weight_get_that_of_their_files(provider, settings):
    assert stored_bytes() == 0

    weigh_pictures_of_tenant(WeighPictures())

    provider.refresh_from_db()
    assert stored_bytes() == _weight_of_files(settings) > 0
    assert provider.logo_bytes > 0
    assert provider.header_image_bytes > 0


def _unweighed() -> int:
    return Provider.objects.exclude(logo="").filter(logo_bytes=0).count()


def test_a_part_of_them_is_weighed_at_a_time_until_none_is_left(provider, monkeypatch):
    monkeypatch.setattr(weighing, "PART", 2)
    logo = Provider.objects.get(pk=provider.pk).logo
    others = [make_provider(f"Person {number}", logo=logo) for number in range(2)]

    first = weigh_pictures_of_tenant(WeighPictures())
    left = _unweighed()
    second = weigh_pictures_of_tenant(first)

    assert (first, left) == (WeighPictures(after=others[0].pk), 1)
    assert (second, _unweighed()) == (None, 0)


def test_a_part_begins_behind_the_one_before(provider):
    other = make_provider("Tomasz", logo=Provider.objects.get(pk=provider.pk).logo)

    weigh_pictures_of_tenant(WeighPictures(after=provider.pk))

    other.refresh_from_db()
    provider.refresh_from_db()
    assert (provider.logo_bytes, other.logo_bytes > 0) == (0, True)


def test_pictures_without_any_file_are_looked_for_once(provider, settings, monkeypatch):
    for path in Path(settings.MEDIA_ROOT).rglob("*.webp"):
        path.unlink()
    weigh_pictures()
    asked = []
    monkeypatch.setattr(weighing, "_size_of", lambda name: asked.append(name) or 0)

    weigh_pictures()

    assert asked == []
    assert stored_bytes() <= len(PictureKind)


def test_a_weight_that_is_known_and_a_provider_without_pictures_stay_as_they_are(provider):
    bare = make_provider("Tomasz")
    Provider.objects.filter(pk=provider.pk).update(logo_bytes=7, header_image_bytes=7)

    weigh_pictures()

    bare.refresh_from_db()
    provider.refresh_from_db()
    assert (provider.logo_bytes, bare.logo_bytes) == (7, 0)


def test_a_picture_that_was_replaced_while_it_was_weighed_keeps_the_weight_of_the_new_one(provider, monkeypatch):
    def replaced_meanwhile(_name: str) -> int:
        Provider.objects.filter(pk=provider.pk).update(logo="f" * 32, logo_bytes=11, header_image="")
        return 5

    monkeypatch.setattr(weighing, "_size_of", replaced_meanwhile)

    weigh_pictures()

    provider.refresh_from_db()
    assert provider.logo_bytes == 11


def test_a_file_that_is_gone_breaks_nothing(provider, settings):
    for path in Path(settings.MEDIA_ROOT).rglob("*-96.webp"):
        path.unlink()

    weigh_pictures()

    assert stored_bytes() == _weight_of_files(settings) > 0


def test_every_marketplace_is_looked_through_each_night():
    assert WeighPictures in KINDS
    assert WeighPictures() in [daily.job for daily in SCHEDULES]
