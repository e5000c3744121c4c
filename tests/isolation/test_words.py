"""A marketplace speaks its own words: where providers are called otherwise, no page calls anybody a provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.urls import NoReverseMatch, reverse

from tenants.hosts import host_cache
from tenants.registry import update_tenant
from tenants.scope import platform_scope
from tests.isolation.browsers import browser, signed_in
from tests.isolation.matrix import filled
from tests.isolation.routes import ENTRIES, TENANT, routes_of, values_for
from tests.isolation.world import TWIN

NOUN = re.compile(r"(?<!DNS )(?<!mail )\bproviders?\b", re.IGNORECASE)
ADDRESS = re.compile(r"\S+@\S+|\S*/\S*")
READ_ALOUD = {"aria-label", "placeholder", "title", "alt", "content"}
OWN_WORDS = {"provider": "zither", "providers": "zithers"}


class _Reader(HTMLParser):
    """What a person reads or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_code = tag in {"script", "style", "code"}
        self.texts += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        self._is_code = False

    def handle_data(self, data: str) -> None:
        if not self._is_code:
            self.texts.append(data)


def read(page: str) -> Iterator[str]:
    """The page's sentences, without addresses."""
    reader = _Reader()
    reader.feed(page)
    return (ADDRESS.sub("", " ".join(text.split())) for text in reader.texts)


@pytest.fixture
def readers(world):
    """A guest, a provider and the owner of a marketplace whose providers are called zithers."""
    with platform_scope(reason="test"):
        update_tenant(tenant_id=world.alpha.id, vocabulary=OWN_WORDS)
    host_cache._entries.clear()
    host = world.alpha.primary_host
    people = {who: signed_in(who, world.alpha, host=host) for who in ("provider", "owner")}
    return people | {"guest": browser(host)}


def test_no_page_calls_anybody_a_provider_where_they_are_called_otherwise(world, readers):
    values, shown, leaks = values_for(world, TWIN), [], []

    for route in routes_of(TENANT):
        case = ENTRIES[TENANT].get(route.name)
        if case is None or route.name.startswith("api"):
            continue
        try:
            path = reverse(route.name, urlconf=route.urlconf, kwargs=filled(case.path, values))
        except NoReverseMatch:
            continue
        for who, client in readers.items():
            answer = client.get(path, query_params=filled(case.query, values))
            if not answer.streaming and answer.get("Content-Type", "").startswith("text/html"):
                sentences = list(read(answer.text))
                shown += sentences
                leaks += [f"{route} as {who}: {text}" for text in sentences if NOUN.search(text)]

    assert leaks == []
    assert sum("zither" in text.lower() for text in shown) > 20


def test_the_reader_finds_the_noun_in_text_and_in_what_is_read_aloud_and_nowhere_else():
    page = '<a href="/providers/x/" aria-label="Search providers">Our Providers</a> provider@x.example, at your DNS provider'

    found = [text for text in read(page) if NOUN.search(text)]

    assert found == ["Search providers", "Our Providers"]
