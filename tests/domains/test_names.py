"""Which names an organization can bring along."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_apps.domains.errors import HostIsPublicSuffix, HostLooksAlike, HostMalformed, HostRefused, HostReserved
from shared_apps.domains.rules.names import canonical_host, imitates, is_apex, look_of, require_bringable
from tenants.rules_hosts import registrable

OWN = ("stoa-market.com", "domains.stoa-market.com")


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("Book.Acme-Cleaning.CO.UK", "book.acme-cleaning.co.uk"),
        (" acme-cleaning.com. ", "acme-cleaning.com"),
        ("bücher-lesen.de", "xn--bcher-lesen-thb.de"),
        ("BÜCHER-LESEN.de", "xn--bcher-lesen-thb.de"),
        ("xn--bcher-lesen-thb.de", "xn--bcher-lesen-thb.de"),
        ("straße-frei.de", "xn--strae-frei-83a.de"),
        ("book。acme-cleaning．com", "book.acme-cleaning.com"),
        ("book.acme-cleaning.com。", "book.acme-cleaning.com"),
        ("book.acme-cleaning.com．", "book.acme-cleaning.com"),
        ("book.acme-cleaning.com｡", "book.acme-cleaning.com"),
    ],
)
def test_a_name_has_one_form(raw, host):
    assert canonical_host(raw) == host


@pytest.mark.parametrize(
    "raw",
    [
        "", ".", "com", "localhost", "https://acme-cleaning.com", "acme-cleaning.com/book", "acme-cleaning.com:443",
        "*.acme-cleaning.com", "ann@acme-cleaning.com", "acme cleaning.com", "acme_cleaning.com", "-acme.com", "acme-.com",
        "ac..me.com", "acme.com..", "acme.com.。", "。", "．com", ".".join("a" * 10) + ".com",
        "203.0.113.7", "127.1", "0x7f.1", "2130706433", "acme.0x7f", "2001:db8::1", "[2001:db8::1]",
        "xn--zzzzzz.com", "xn--.com", "a" * 64 + ".com", ("a" * 60 + ".") * 4 + "com", "acme\x00.com", "☃.com", "ab--cd.com",
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused(raw):
    with pytest.raises(HostMalformed):
        canonical_host(raw)


@pytest.mark.parametrize(
    "raw", ["203.0.113.7", "127.1", "0x7f.1", "0x7f。1", "１２７.０.０.１", "127。0。0。1", "2130706433", "10.1."]
)
def test_an_address_is_called_one_in_every_spelling(raw):
    with pytest.raises(HostMalformed, match="This is an IP address"):
        canonical_host(raw)


@pytest.mark.parametrize("raw", ["example.com。", "stoa-market.com。", "localhost。", "acme.test．"])
def test_no_dot_of_another_script_hides_a_reserved_name(raw):
    with pytest.raises(HostRefused):
        require_bringable(canonical_host(raw), own=OWN)


@pytest.mark.parametrize(
    ("host", "refusal"),
    [
        ("book.acme.test", HostReserved),
        ("example.com", HostReserved),
        ("shop.example.org", HostReserved),
        ("printer.home.arpa", HostReserved),
        ("acme.internal", HostReserved),
        ("stoa-market.com", HostReserved),
        ("other.stoa-market.com", HostReserved),
        ("co.uk", HostIsPublicSuffix),
        ("github.io", HostIsPublicSuffix),
        ("acme.nosuchtld", HostIsPublicSuffix),
        (canonical_host("stоa-market.com"), HostLooksAlike),  # the o is Cyrillic
        ("st0a-market.com", HostLooksAlike),
        ("book.st0a-market.com", HostLooksAlike),
        ("stoarnarket.com", HostLooksAlike),
        (canonical_host("аcme-cleaning.com"), HostLooksAlike),  # the first letter is Cyrillic, the others are not
        (canonical_host("аррӏе.com"), HostLooksAlike),  # all letters are Cyrillic
        (canonical_host("book.аррӏе.co.uk"), HostLooksAlike),
    ],
)
def test_a_name_that_cannot_be_anybodys_is_refused(host, refusal):
    with pytest.raises(refusal) as refused:
        require_bringable(host, own=OWN)

    assert refused.value.field == "host"
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize("host", ["acme-cleaning.co.uk", "book.acme-cleaning.com", "acme.github.io", "xn--bcher-lesen-thb.de"])
def test_names_that_people_register_are_fine(host):
    require_bringable(host, own=OWN)

    assert registrable(host) in {"acme-cleaning.co.uk", "acme-cleaning.com", "acme.github.io", "xn--bcher-lesen-thb.de"}


@pytest.mark.parametrize("host", ["хор.ru", "москва.com", "хор.рф", "καφενείο.gr", "сахара-юг.com"])
def test_names_in_their_own_alphabet_are_no_disguise(host):
    require_bringable(canonical_host(host), own=OWN)


def test_a_platform_below_a_companys_name_does_not_hand_out_that_name():
    with pytest.raises(HostReserved):
        require_bringable("acme-holding.com", own=("market.acme-holding.com",))


def test_only_the_registered_name_itself_is_an_apex():
    assert is_apex("acme-cleaning.co.uk")
    assert not is_apex("book.acme-cleaning.co.uk")


@pytest.mark.parametrize("other", ["рауреr.com", "pаyper.com", "páyper.com", "ραyper.com"])
def test_letters_of_other_alphabets_look_like_the_plain_ones(other):
    assert look_of(canonical_host(other)) == look_of("payper.com")


def test_a_label_in_front_does_not_hide_a_look_alike():
    assert imitates(canonical_host("рауреr.com"), "book.payper.com")
    assert imitates(canonical_host("shop.рауреr.com"), "payper.com")


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("payper.com", "рауреr.com"),  # the plain one belongs to whoever registered it, though the other came first
        ("pay-per.com", "payper.com"),
        ("bücher.payper.com", "bucher.payper.com"),
        ("bücher-lesen.de", "bücher-lesen.de"),
    ],
)
def test_plain_names_and_one_owners_own_names_imitate_nobody(host, other):
    assert not imitates(canonical_host(host), canonical_host(other))


def test_a_platform_whose_name_is_a_public_suffix_has_a_look_too():
    with pytest.raises(HostLooksAlike):
        require_bringable(canonical_host("gıthub.io"), own=("github.io",))


def test_other_words_look_different():
    assert look_of("acme-cleaning.com") != look_of("acme-painting.com")


_DOTS = st.sampled_from([".", "。", "．", "｡"])
_LABELS = st.text("aäZ0-9９é", min_size=1, max_size=6)
_NAMES = st.lists(st.one_of(_LABELS, _DOTS, st.just("com")), max_size=7).map("".join)


@given(st.one_of(st.text(max_size=80), _NAMES))
def test_whatever_is_typed_there_is_a_name_or_a_sentence(raw):
    try:
        host = canonical_host(raw)
        require_bringable(host, own=OWN)
    except HostRefused:
        return

    assert canonical_host(host) == host
    assert host.isascii()
    assert host == host.lower()
    assert not host.endswith(".")
