"""Whom a limit counts: the connection, whom our own proxies name, a whole network where one line has millions of addresses."""

import pytest
from django.test import RequestFactory

from tenants.rates import address_of


def _asked(proxies, settings, remote, forwarded=""):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": proxies}
    return address_of(RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded))


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "counted"),
    [
        (0, "192.0.2.7", "203.0.113.9", "192.0.2.7"),
        (1, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1", "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (0, "2001:db8:1:2:aaaa::1", "", "2001:db8:1:2::/64"),
        (1, "10.0.0.1", "2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        (0, "::ffff:203.0.113.9", "", "203.0.113.9"),
        (1, "10.0.0.1", "unknown", "unknown"),
    ],
)
def test_a_request_counts_for_its_address(settings, proxies, remote, forwarded, counted):
    assert _asked(proxies, settings, remote, forwarded) == counted
