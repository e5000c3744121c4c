"""Which marketplace answers is said by the connection's host alone; nothing else that a client sends can change it."""

import pytest

from tests.isolation.browsers import browser, signed_in
from tests.isolation.marks import canaries_in

pytestmark = pytest.mark.proves("isolation.hosts")

FORWARDED = [
    "X-Forwarded-Host",
    "X-Host",
    "X-Original-Host",
    "X-Forwarded-Server",
    "Forwarded",
    "X-Original-URL",
    "X-Rewrite-URL",
]
SAME_HOST = ["alpha.localhost:8000", "ALPHA.localhost", "alpha.localhost.", "Alpha.Localhost.:80"]
NOBODY = [
    "nobody.localhost",
    "beta.localhost.evil.example",
    "beta",
    "alpha.localhost,beta.localhost",
    "alpha.localhost beta.localhost",
    "beta.localhost@alpha.localhost",
    "alpha.localhost\tbeta.localhost",
    "xn--beta.localhost",
    "..localhost",
    "",
]


@pytest.mark.parametrize("header", FORWARDED)
def test_a_forwarded_host_changes_nothing(world, count, header):
    value = f"host={world.beta.primary_host}" if header == "Forwarded" else world.beta.primary_host

    answer = browser(world.alpha.primary_host).get("/", headers={header: value})

    leaked = canaries_in(answer.text, "beta") + canaries_in(answer.text, "betar")
    count(attempts=1, failures=len(leaked))
    assert canaries_in(answer.text, "alpha")
    assert leaked == []
    assert world.beta.primary_host not in answer.text


@pytest.mark.control
def test_where_a_forwarded_host_is_believed_the_twin_does_answer(world, settings):
    """Negative control: the header would do it, if Django's setting for careless proxies were on."""
    settings.USE_X_FORWARDED_HOST = True

    answer = browser(world.alpha.primary_host).get("/", headers={"X-Forwarded-Host": world.beta.primary_host})

    assert canaries_in(answer.text, "beta")


def test_an_absolute_address_in_the_request_line_changes_nothing(world):
    """A server may pass `GET http://beta/…` on as a path; it is none of ours."""
    answer = browser(world.alpha.primary_host).get(f"/{world.beta.base_url}/services/")

    assert answer.status_code == 404
    assert canaries_in(answer.text, "beta") == []


@pytest.mark.parametrize("host", SAME_HOST)
def test_a_host_in_another_spelling_is_the_same_marketplace_and_no_other(world, count, host):
    answer = browser(host).get("/")

    count(attempts=1)
    assert canaries_in(answer.text, "alpha")
    assert canaries_in(answer.text, "beta") == []


@pytest.mark.parametrize("host", NOBODY)
def test_a_host_that_is_nobodys_shows_nobodys_page_even_with_a_good_cookie(world, count, host):
    client = signed_in("owner", world.alpha, host=host)

    answer = client.get("/manage/team/")

    count(attempts=1)
    assert answer.status_code in {400, 404}
    assert canaries_in(answer.text, "alpha") + canaries_in(answer.text, "beta") == []


def test_the_page_of_an_unknown_host_is_not_kept_and_sets_no_cookie(world):
    answer = browser("nobody.localhost").get("/")

    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies


def test_links_in_a_page_come_from_the_registry_and_not_from_the_request(world):
    answer = browser("alpha.localhost:6666").get("/sitemap.xml")

    assert f"<loc>{world.alpha.base_url}/" in answer.text
    assert ":6666" not in answer.text
