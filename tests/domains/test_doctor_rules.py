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


@pytest.mark.parametrize(
    ("records", "value"),
    [
        ([], "open"),
        (["iodef mailto:sec@acme-cleaning.com"], "open"),
        (["issue letsencrypt.org"], "allowed"),
        (["issue LetsEncrypt.org; validationmethods=http-01"], "allowed"),
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
    Aspect.STATE: set(ClaimState),
    Aspect.PROOF: {"ok", "missing", "other"},
    Aspect.ADDRESS: {"none", "here", "elsewhere", "partly"},
    Aspect.CAA: {"open", "allowed", "forbidden"},
    Aspect.CERTIFICATE: {"ok", "ends_soon", "none"},
    Aspect.SPF: {"none", "one", "several"},
    Aspect.DKIM: {"none", "some"},
    Aspect.DMARC: {"none", "watching", "enforced", "several"},
}


@pytest.mark.parametrize("aspect", list(Aspect))
def test_everything_that_can_be_found_has_words_and_a_cure_where_it_is_bad(aspect):
    assert words_of(aspect) == FINDABLE[aspect]
    for value in FINDABLE[aspect]:
        sentence = sentence_of(aspect, value)
        assert str(sentence.text).endswith((".", ")."))
        assert sentence.kind not in {"warn", "bad"} or sentence.cure
