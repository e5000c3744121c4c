"""What raw records mean, and that there are words for everything that can be found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.tls import Certificate
from shared_apps.domains.rules import doctor
from shared_apps.domains.rules.words import sentence_of, words_of
from shared_apps.domains.types import Aspect, ClaimState

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE = {"203.0.113.7", "2001:db8::7"}


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        ([], "missing"),
        (["stoa-verify=abc"], "ok"),
        (["hello", "stoa-verify=abc"], "ok"),
        (["stoa-verify=old"], "other"),
        (["abc"], "other"),
    ],
)
def test_only_this_attempts_token_is_a_proof(texts, value):
    assert doctor.proof_finding(texts, "abc").value == value


@pytest.mark.parametrize(
    ("addresses", "value"),
    [
        ([], "none"),
        (["203.0.113.7"], "here"),
        (["203.0.113.7", "2001:db8::7"], "here"),
        (["198.51.100.1"], "elsewhere"),
        (["198.51.100.1", "203.0.113.7"], "partly"),
    ],
)
def test_a_name_leads_here_when_all_its_addresses_are_ours(addresses, value):
    assert doctor.address_finding(addresses, HERE).value == value


@pytest.mark.parametrize("spelling", ["2001:DB8:0::7", "2001:0db8:0000:0000:0000:0000:0000:0007", "2001:db8::7"])
def test_one_address_is_the_same_in_every_spelling(spelling):
    assert doctor.address_finding(["2001:db8::7"], [spelling]).value == "here"


def test_an_alias_of_our_name_leads_here_whatever_our_own_records_say():
    assert doctor.address_finding(["198.51.100.1"], HERE, is_alias=True).value == "here"
    assert doctor.address_finding([], HERE, is_alias=True).value == "here"


@pytest.mark.parametrize(
    ("records", "value"),
    [
        ([], "open"),
        (["iodef mailto:sec@acme-cleaning.com"], "open"),
        (["issue letsencrypt.org"], "allowed"),
        (["issue LetsEncrypt.org; validationmethods=http-01"], "allowed"),
        (["issue letsencrypt.org; validationmethods=dns-01"], "method"),
        (["issue letsencrypt.org; validationmethods=dns-01,tls-alpn-01"], "allowed"),
        (["issue letsencrypt.org; validationmethods=dns-01", "issue letsencrypt.org; accounturi=x"], "allowed"),
        (["issue digicert.com; validationmethods=http-01", "issue letsencrypt.org; validationmethods=dns-01"], "method"),
        (["issue digicert.com", "issue letsencrypt.org"], "allowed"),
        (["issue digicert.com"], "forbidden"),
        (["issue ;"], "forbidden"),
    ],
)
def test_caa_records_say_who_may_make_certificates(records, value):
    assert doctor.caa_finding(records, ["letsencrypt.org"]).value == value


@pytest.mark.parametrize("life", [timedelta(hours=12), timedelta(days=90)])
@pytest.mark.parametrize(("left", "value"), [(0.9, "ok"), (0.26, "ok"), (0.24, "ends_soon"), (0.0, "none")])
def test_a_certificate_is_old_by_its_own_life(life, left, value):
    certificate = Certificate(NOW - life * (1 - left), NOW + life * left, "Some Authority")

    assert doctor.certificate_finding(certificate, now=NOW).value == value


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        ([], "none"),
        (["google-site-verification=x"], "none"),
        (["v=spf1 -all"], "one"),
        (["V=SPF1 include:mail.acme-cleaning.com ~all", "other"], "one"),
        (["v=spf1 -all", "v=spf1 ~all"], "several"),
        (["v=spf10 -all"], "none"),
    ],
)
def test_one_spf_record_counts(texts, value):
    assert doctor.spf_finding(texts).value == value


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        ([], "none"),
        (["v=DMARC1; p=none"], "watching"),
        (["v=DMARC1; p=reject; rua=mailto:a@acme-cleaning.com"], "enforced"),
        (["v=DMARC1; p=quarantine"], "enforced"),
        (["v=DMARC1"], "watching"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "several"),
    ],
)
def test_dmarc_is_read_as_receivers_read_it(texts, value):
    assert doctor.dmarc_finding(texts).value == value


def test_a_withdrawn_dkim_key_is_none():
    assert doctor.dkim_finding(["v=DKIM1; k=rsa; p="]).value == "none"
    assert doctor.dkim_finding(["v=DKIM1; k=rsa; p=MIGf"]).value == "some"


FINDABLE = {
    Aspect.STATE: {*ClaimState, "confirming"},
    Aspect.PROOF: {"ok", "missing", "other", "silent"},
    Aspect.ADDRESS: {"none", "here", "elsewhere", "partly", "silent"},
    Aspect.CAA: {"open", "allowed", "forbidden", "method", "silent"},
    Aspect.CERTIFICATE: {"ok", "ends_soon", "none", "silent"},
    Aspect.SPF: {"none", "one", "several", "silent"},
    Aspect.DKIM: {"none", "some", "silent"},
    Aspect.DMARC: {"none", "watching", "enforced", "several", "silent"},
}


@pytest.mark.parametrize("aspect", list(Aspect))
def test_everything_that_can_be_found_has_words_and_a_cure_where_it_is_bad(aspect):
    assert words_of(aspect) == FINDABLE[aspect]
    for value in FINDABLE[aspect]:
        sentence = sentence_of(aspect, value)
        assert str(sentence.text).endswith((".", ")."))
        assert sentence.kind not in {"warn", "bad"} or sentence.cure


@pytest.mark.parametrize("aspect", list(Aspect))
def test_no_sentence_points_at_what_stands_beside_it_in_one_place_only(aspect):
    for value in FINDABLE[aspect]:
        said = sentence_of(aspect, value, authority="letsencrypt.org")
        for pointing in ("this page", "below", "above"):
            assert pointing not in f"{said.text} {said.cure}"


@pytest.mark.parametrize("value", ["forbidden", "method"])
def test_the_cure_for_a_forbidding_record_names_our_authority(value):
    assert "“letsencrypt.org”" in str(sentence_of(Aspect.CAA, value, authority="letsencrypt.org").cure)


def test_a_dkim_key_that_cannot_be_seen_is_no_alarm():
    assert sentence_of(Aspect.DKIM, "none").kind == "info"
