"""Reports of the security policy are counted for each marketplace, and cost nothing while Redis is away."""

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisAway

from tenants import policy_reports
from tenants.rates import Rate


@pytest.fixture(autouse=True)
def two_a_minute(monkeypatch) -> None:
    monkeypatch.setattr(policy_reports, "_ALL_TOGETHER", Rate("policy_reports", limit=2, seconds=60))


def report(browser):
    return browser.post("/csp-report/", "{}", content_type="application/csp-report")


def test_one_marketplaces_flood_leaves_the_others_reports_alone(alpha_client, beta_client):
    flood = [report(alpha_client) for _ in range(3)]

    assert [answer.status_code for answer in flood] == [204, 204, 429]
    assert 1 <= int(flood[-1]["Retry-After"]) <= 60
    assert report(beta_client).status_code == 204


def test_while_redis_is_away_reports_are_taken_and_it_is_asked_once(alpha_client, monkeypatch):
    asked = []

    def away(*_args, **_options):
        asked.append(1)
        raise RedisAway

    monkeypatch.setattr(cache, "add", away)

    assert [report(alpha_client).status_code for _ in range(4)] == [204] * 4
    assert len(asked) == 1
