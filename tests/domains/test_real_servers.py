"""The whole way with a real DNS server and a real Caddy: claim, proof, first handshake, page, end."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Generator

import pytest

from kernel import clock
from ops.local.home import ROOT
from ops.local.process import free_ports, start_child, stop_child
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.rules.states import CONFIRMED_AFTER
from shared_apps.domains.services import claim_domain, release_domain, run_check, use_as_primary
from shared_apps.domains.types import ClaimState
from tenants.scope import platform_scope
from tests.domains.conftest import OWNER, entitle, fresh
from tests.domains.servers import Caddy, Zone, caddy, dns_server, is_answering, wait_until
from tests.factories.tenants import ALPHA_ID
from tests.isolation.servers import environment

HOST = "book.acme-cleaning.com"
PAGE = "/services/?q=flat%20clean&page=2"

pytestmark = [pytest.mark.servers, pytest.mark.proves("faults.domains")]
CLAIMED, VERIFIED = ClaimState.CLAIMED, ClaimState.VERIFIED


@pytest.fixture(autouse=True)
def moments(monkeypatch) -> None:
    """Certificates know no clock but the real one."""
    monkeypatch.undo()
    assert clock.now.__module__ == "kernel.clock"


@pytest.fixture(autouse=True)
def dns(settings) -> Generator[Zone]:
    """A real server instead of the fake."""
    zone = Zone({"domains.stoa-market.com": ["A 203.0.113.7"]})
    with dns_server(zone) as address:
        settings.DNS_SERVERS = [address]
        settings.DOMAIN_TARGET = "domains.stoa-market.com"
        settings.DOMAIN_ADDRESSES = []
        yield zone


@pytest.fixture(autouse=True)
def probe() -> None:
    """None that is made up."""


@pytest.fixture
def proxy(own_database, settings, tmp_path) -> Generator[Caddy]:
    """Caddy before the pages, on a database of their own; the workers know where it is."""
    settings.MEDIA_ROOT = str(tmp_path)
    web_port, *ports = free_ports(3)
    log = tmp_path / "web.log"
    with caddy(web_port, ports=(ports[0], ports[1]), folder=tmp_path) as running:
        extra = {"PUBLIC_SCHEME": "https", "PUBLIC_PORT": str(running.port), "BEHIND_PROXY": "true"}
        env = environment(**extra)
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{web_port}", "--threads=4"]
        child = start_child([*command, "--worker-class=gthread", "--timeout=120"], log=log, env=env, cwd=ROOT)
        running.stop_pages = lambda: stop_child(child, timeout_seconds=5)
        try:
            # An open port is not enough: the proxy waits ten seconds for its answer, and a server may take longer to start.
            wait_until(lambda: is_answering(web_port), log)
            settings.DOMAIN_EDGE = f"127.0.0.1:{running.port}"
            settings.DOMAIN_EDGE_AUTHORITIES = str(running.root)
            yield running
        finally:
            stop_child(child, timeout_seconds=5)


def claimed() -> CustomDomain:
    entitle()
    return claim_domain(actor=OWNER, tenant_id=ALPHA_ID, host=HOST)


def look(domain: CustomDomain) -> str:
    run_check(domain.pk)
    return fresh(domain).state


def let_a_minute_pass(domain: CustomDomain) -> None:
    """For the second look at a proof: real servers know no clock but the real one."""
    with platform_scope(reason="test"):
        CustomDomain.objects.filter(pk=domain.pk).update(hinted_at=clock.now() - CONFIRMED_AFTER[CLAIMED, VERIFIED])


def has_certificate(proxy: Caddy, host: str) -> bool:
    try:
        proxy.connect(host).close()
    except (ssl.SSLError, ConnectionError):
        return False
    return True


def test_from_a_claim_to_a_page_with_a_certificate_and_to_the_end(proxy, dns):
    domain = claimed()
    assert look(domain) == ClaimState.CLAIMED
    assert not has_certificate(proxy, HOST)

    dns.records[f"_stoa-challenge.{HOST}"] = [f'TXT "stoa-verify={domain.token}"']
    assert look(domain) == ClaimState.CLAIMED
    let_a_minute_pass(domain)
    assert look(domain) == ClaimState.VERIFIED
    dns.records[HOST] = ["CNAME domains.stoa-market.com."]
    assert look(domain) == ClaimState.ISSUING
    # The name was refused a moment ago, and an answer holds for up to five seconds.
    wait_until(lambda: look(domain) == ClaimState.LIVE)
    assert fresh(domain).findings["certificate"][0] == "ok"

    status, headers, _ = proxy.get(HOST, PAGE)
    assert (status, headers["Location"]) == (301, f"https://alpha.localhost:{proxy.port}{PAGE}")
    use_as_primary(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id)
    wait_until(lambda: proxy.get(HOST, "/services/")[0] == 200)
    assert "Twin Market" in proxy.get(HOST, "/services/")[2]
    assert proxy.get("alpha.localhost", PAGE)[1]["Location"] == f"https://{HOST}:{proxy.port}{PAGE}"

    release_domain(actor=OWNER, tenant_id=ALPHA_ID, domain_id=domain.public_id, confirmed_name=HOST)
    wait_until(lambda: proxy.get(HOST, "/services/")[0] == 404)
    wait_until(lambda: proxy.get("alpha.localhost", "/services/")[0] == 200)


def test_the_internet_neither_asks_nor_gets_certificates_for_any_name(proxy):
    status, _headers, body = proxy.get("alpha.localhost", "/internal/tls-ask?domain=alpha.localhost")
    # Caddy's own refusal is empty; ours is a page.
    assert (status, body) == (404, "")
    assert "<html" in proxy.get("alpha.localhost", "/nowhere")[2]

    assert not has_certificate(proxy, "stranger.acme-cleaning.com")
    assert has_certificate(proxy, "alpha.localhost")


def test_certificates_that_are_there_serve_on_while_nobody_answers_the_question(proxy):
    assert has_certificate(proxy, "alpha.localhost")

    proxy.stop_pages()

    assert has_certificate(proxy, "alpha.localhost")
    assert not has_certificate(proxy, "beta.localhost")


def test_a_broken_name_server_takes_nothing_away(own_database, dns):
    domain = claimed()
    dns.records |= {
        f"_stoa-challenge.{HOST}": [f'TXT "stoa-verify={domain.token}"'],
        HOST: ["CNAME domains.stoa-market.com."],
        "acme-cleaning.com": ['TXT "v=spf1 -all"', 'CAA 0 issue "letsencrypt.org"'],
    }
    look(domain)
    let_a_minute_pass(domain)
    look(domain)
    assert look(domain) == ClaimState.ISSUING
    seen = fresh(domain).findings
    assert {aspect: seen[aspect][0] for aspect in ("spf", "caa", "dkim", "dmarc")} == {
        "spf": "one",
        "caa": "allowed",
        "dkim": "none",
        "dmarc": "none",
    }

    dns.broken |= {HOST, f"_stoa-challenge.{HOST}"}

    assert look(domain) == ClaimState.ISSUING
    with platform_scope(reason="test"):
        assert CustomDomain.objects.get().failing_since_at is None
