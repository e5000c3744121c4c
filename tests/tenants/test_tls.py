"""Certificates are made for names that are served, and only the proxy may ask."""

import pytest


@pytest.mark.parametrize(
    ("domain", "status"), [("localhost", 200), ("alpha.localhost", 200), ("nobody.localhost", 404), ("", 404)]
)
def test_only_served_names_get_a_certificate(platform_client, alpha, domain, status):
    assert platform_client.get("/internal/tls-ask", {"domain": domain}).status_code == status


def test_the_internet_cannot_ask(platform_client, alpha):
    answer = platform_client.get("/internal/tls-ask", {"domain": "alpha.localhost"}, headers={"X-Forwarded-For": "203.0.113.9"})

    assert answer.status_code == 404
