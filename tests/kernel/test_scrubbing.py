"""Secrets are struck out of what is written down; what helps to find a fault stays."""

from __future__ import annotations

import pytest

from kernel.scrubbing import STRUCK, scrubbed, without_secrets

KEY = "stoa_operator_alpha_" + "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("GET /join/abc:1tRZQp:" + "x" * 43 + "/", "GET /join/[secret]/"),
        ("/accounts/password/reset/key/1-d3k2p1-" + "a" * 32 + "/", "/accounts/password/reset/key/[secret]/"),
        ("/enter/?code=abc&next=/", "/enter/?code=[secret]&next=/"),
        ("Authorization: Bearer abc.def", "Authorization: [secret]"),
        ("Cookie: stoa_session=a; stoa_csrf=b", "Cookie: [secret]"),
        ("redis://:hunter2@cache:6379/0", "redis://:[secret]@cache:6379/0"),
        (f"no such key {KEY}", "no such key [secret]"),
        ("No such key: sk_live_51Habc, nor whsec_def9", "No such key: [secret], nor [secret]"),
        ("confirm pi_3Nabc_secret_xyz now", "confirm pi_3Nabc_[secret] now"),
        ("{'password': 'hunter2', 'slug': 'alpha'}", "{'password': '[secret]', 'slug': 'alpha'}"),
    ],
)
def test_a_secret_is_struck_out_of_a_text(text, left):
    assert without_secrets(text) == left
    assert without_secrets(left) == left


@pytest.mark.parametrize(
    "text",
    [
        "GET /services/deep-clean/?page=2",
        "duplicate key value violates unique constraint",
        "status_code=404",
        "at 2026-11-17T10:00:00+00:00",
        "run_01jd3k2p1q9x8y7z6w5v4t3s2r",
        "pi_3Nabc of sub_1Nabc failed, task_test_1",
    ],
)
def test_what_is_none_stays(text):
    assert without_secrets(text) == text


def test_a_value_is_struck_out_for_its_name_at_any_depth():
    assert scrubbed("request", {"api_key": "a", "code": 404, "inner": [{"Set-Cookie": "b", "slug": "c"}]}) == {
        "api_key": STRUCK,
        "code": 404,
        "inner": [{"Set-Cookie": STRUCK, "slug": "c"}],
    }


@pytest.mark.timeout(60)
@pytest.mark.parametrize("part", ["a-", "a=", "a.b=c-", "://a:", "stoa_a_", "key-", "code", "pi_", "pi_a_secre"])
def test_a_long_address_is_read_once_and_not_once_from_each_letter(part):
    """A hundred thousand letters: at one step for each pair of them this would take minutes, and stop the whole process."""
    assert STRUCK not in without_secrets("/" + part * (100_000 // len(part)))
