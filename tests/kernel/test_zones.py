"""Names of time zones: which a list offers, and what the others mean."""

from zoneinfo import available_timezones

import pytest

from kernel.zones import canonical_zone, is_zone, place_zones, zone_choices, zone_label


@pytest.mark.parametrize(
    ("older", "now"),
    [("Asia/Calcutta", "Asia/Kolkata"), ("Europe/Kiev", "Europe/Kyiv"), ("US/Eastern", "America/New_York")],
)
def test_a_place_is_offered_once_under_its_present_name(older, now):
    assert now in place_zones()
    assert older not in place_zones()

    assert canonical_zone(older) == now


@pytest.mark.parametrize("name", ["Asia/Kolkata", "Europe/Oslo", "UTC", "Etc/GMT+5", "Mars/Olympus"])
def test_other_names_mean_themselves(name):
    assert canonical_zone(name) == name


def test_cities_that_share_a_clock_are_all_offered():
    assert {"Europe/Berlin", "Europe/Oslo", "Europe/Amsterdam", "Europe/Stockholm"} <= set(place_zones())


def test_every_zone_on_offer_is_one_and_every_alias_stays_understood():
    assert all(is_zone(name) for name in place_zones())
    assert all(is_zone(canonical_zone(name)) for name in available_timezones() if is_zone(name))


def test_typing_a_city_finds_it_in_the_list():
    labels = [label for _, label in zone_choices()]

    assert zone_label("America/Argentina/Buenos_Aires") == "Buenos Aires (America/Argentina)"
    assert zone_label("UTC") == "UTC"
    assert "Kolkata (Asia)" in labels
    assert labels == sorted(labels)
    assert len(labels) == len(set(labels))
