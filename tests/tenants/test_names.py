"""Names on the platform: what is refused, why, and who gets one that two ask for."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from tenants.errors import SlugLooksAlike, SlugMalformed, SlugRefused, SlugReleased, SlugReserved, SlugTaken
from tenants.models import ReleasedName, ReservedName
from tenants.querysets import skeleton_of
from tenants.registry import check_slug, forget_reservation, release_name, reserve_name, suggest_slug, suggest_slugs
from tenants.rules_names import RESERVED, normalise_slug, skeleton
from tenants.scope import owner_scope, platform_scope

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize("raw", ["brightnest", "  BrightNest ", "a1b", "north-gate-tutors", "x" * 40])
def test_a_plain_host_label_is_a_name(raw):
    assert normalise_slug(raw) == raw.strip().lower()


@pytest.mark.parametrize(
    "raw",
    [
        "", "ab", "x" * 41, "-acme", "acme-", "ac--me", "ac me", "acme!", "acme.co", "a_b_c", "123", "12-34", "acme\n.x",
        "xn--80ak6aa92e", "brіghtnest", "ａｃｍｅ", "naïve", "ac\u200bme", "../etc",
    ],
)  # fmt: skip
def test_what_is_no_safe_host_label_is_refused(raw):
    with pytest.raises(SlugMalformed) as refused:
        normalise_slug(raw)

    assert refused.value.field == "slug"
    assert refused.value.http_status == 422


@pytest.mark.parametrize("raw", ["admin", "WWW", "adm1n", "sta-tic", "mai1", "ap-i", "stoa", "st0a-billing", "my-stoa"])
def test_the_platforms_own_names_and_what_reads_like_them_are_kept(raw):
    with pytest.raises(SlugReserved):
        normalise_slug(raw)


def test_every_reserved_word_is_refused():
    for word in RESERVED:
        with pytest.raises(SlugRefused):
            normalise_slug(word)


@pytest.mark.usefixtures("in_platform")
def test_the_database_folds_names_as_the_rule_does():
    slugs = ["north-gate", "br1ghtnest", "modern", "vvest-9", "a0b1c2d3e4f5g6h7i8j9", "hill-side", "rnrn-vvv"]
    for slug in slugs:
        ReservedName.objects.create(slug=slug, holder=uuid4())

    folded = dict(ReservedName.objects.annotate(look=skeleton_of("slug")).values_list("slug", "look"))

    assert folded == {slug: skeleton(slug) for slug in slugs}


@pytest.mark.usefixtures("in_platform")
def test_a_name_in_use_is_refused_with_free_ones_near_it():
    reserve_name(slug="brightnest", holder=uuid4())

    with pytest.raises(SlugTaken) as refused:
        check_slug("Brightnest")

    assert refused.value.suggestions[0] == "brightnest-market"
    assert refused.value.http_status == 409


@pytest.mark.usefixtures("in_platform")
@pytest.mark.parametrize("raw", ["br1ghtnest", "bright-nest", "brlghtnest", "8rightnest"])
def test_a_name_that_can_be_mistaken_for_another_is_refused(raw):
    reserve_name(slug="brightnest", holder=uuid4())

    with pytest.raises(SlugLooksAlike):
        check_slug(raw)


def test_a_tenant_without_a_reservation_keeps_its_name_too(alpha):
    with pytest.raises(SlugTaken):
        check_slug(alpha.slug)


@pytest.mark.usefixtures("in_platform")
def test_a_released_name_comes_back_only_after_its_tombstone():
    reserve_name(slug="brightnest", holder=uuid4(), now=NOW)
    release_name(slug="brightnest", tenant_id=uuid4(), now=NOW)

    with pytest.raises(SlugReleased):
        check_slug("br1ghtnest", now=NOW + timedelta(days=179))
    assert check_slug("brightnest", now=NOW + timedelta(days=181)) == "brightnest"
    assert ReleasedName.objects.get().name == "brightnest"


@pytest.mark.usefixtures("in_platform")
def test_a_name_that_was_never_live_is_free_at_once():
    holder = uuid4()
    reserve_name(slug="brightnest", holder=holder)

    forget_reservation(holder=holder)

    assert check_slug("brightnest") == "brightnest"
    assert not ReleasedName.objects.exists()


@pytest.mark.usefixtures("in_platform")
def test_reserving_twice_for_one_holder_changes_nothing():
    holder = uuid4()

    reserve_name(slug="brightnest", holder=holder)
    reserve_name(slug="brightnest", holder=holder)

    assert ReservedName.objects.count() == 1


@pytest.mark.usefixtures("in_platform")
@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Brightnest", "brightnest"),
        ("Café Zoë & Søn", "cafe-zoe-and-son"),
        ("O’Brien’s Gutters", "obriens-gutters"),
        ("Straße 9", "strasse-9"),
        ("Admin", "admin-market"),
        ("東京", "market"),
    ],
)
def test_a_name_of_an_organization_suggests_a_slug(name, slug):
    assert suggest_slug(name) == slug


@pytest.mark.usefixtures("in_platform")
def test_suggestions_are_all_free_and_use_the_hints_first():
    reserve_name(slug="brightnest", holder=uuid4())

    suggestions = suggest_slugs("Brightnest", hints=("Edinburgh",))

    assert suggestions == ("brightnest-edinburgh", "brightnest-market", "brightnest-bookings")
    assert [check_slug(slug) for slug in suggestions] == list(suggestions)


@pytest.mark.usefixtures("in_platform")
@pytest.mark.parametrize(
    ("raw", "best"),
    [
        ("n0rthgate", "northgate-market"),
        ("North-Gate", "northgate-market"),
        ("adm1n", "admin-market"),
        ("st0a-billing", "billing-market"),
        ("Stoa", "market"),
        ("12345", "12345-market"),
        ("xn--80ak6aa92e", "xn-80ak6aa92e"),
        ("q" * 60, "q" * 40),
        ("r" * 40, "r" * 33 + "-market"),
    ],
)
def test_what_is_offered_instead_of_a_refused_name_can_be_had_and_looks_like_nobody(raw, best):
    for name in ("northgate", "r" * 40):
        reserve_name(slug=name, holder=uuid4())

    with pytest.raises(SlugRefused) as refused:
        check_slug(raw)

    offered = refused.value.suggestions
    assert offered[0] == best
    assert len(offered) == 3
    assert [check_slug(slug) for slug in offered] == list(offered)
    assert not any(slug.startswith(("n0", "adm1", "st0a")) for slug in offered)


def _race(slugs: list[str]) -> list[str]:
    """Each slug is asked for in a thread of its own, all past the look-up before anyone writes. The winners."""
    barrier, winners = Barrier(len(slugs)), []

    def ask(slug: str) -> None:
        try:
            barrier.wait()
            winners.append(reserve_name(slug=slug, holder=uuid4()))
        except SlugRefused:
            pass
        finally:
            connections.close_all()

    threads = [Thread(target=ask, args=(slug,)) for slug in slugs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return winners


@pytest.mark.proves("races.names")
@pytest.mark.usefixtures("own_database")
def test_of_many_who_ask_at_once_for_names_that_look_alike_one_wins():
    for _round in range(5):
        winners = _race(["acme", "acme", "acm3", "ac-me", "acme", "a-c-m-e"])

        with platform_scope(reason="test"):
            assert len(winners) == 1
            assert ReservedName.objects.count() == 1
            ReservedName.objects.all().delete()


@pytest.mark.control
@pytest.mark.proves("races.names")
@pytest.mark.usefixtures("own_database")
def test_without_the_constraint_the_race_has_several_winners():
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("DROP INDEX reserved_name_no_look_alike")

    most = max(_winners_of_one_round() for _round in range(20))

    assert most > 1


def _winners_of_one_round() -> int:
    winners = _race(["acme"] * 6)
    with platform_scope(reason="test"), transaction.atomic():
        ReservedName.objects.all().delete()
    return len(winners)
