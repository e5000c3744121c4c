"""Attempts on public pages: nobody finds here what is offered there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from provisioning.selftest.asking import OK, ask
from provisioning.selftest.stage import Side
from provisioning.selftest.trying import Act


def _services(here: Side, there: Side) -> bool:
    return _finds(here, there, "/services/", "/services/")


def _providers(here: Side, there: Side) -> bool:
    return _finds(here, there, "/providers/", "/providers/")


def _finds(here: Side, there: Side, page: str, target: str) -> bool:
    """A link to it, since the page repeats the word that was searched for."""
    answer = ask(here.tenant, page, query=urlencode({"q": there.title}))
    return f"{target}{there.slug}/" in answer.text


def _page(here: Side, there: Side) -> bool:
    answer = ask(here.tenant, f"/services/{there.slug}/")
    return answer.status == OK and there.title in answer.text


def _sitemap(here: Side, there: Side) -> bool:
    return there.slug in ask(here.tenant, "/sitemap.xml").text


ACTS: Final[Mapping[str, Act]] = {
    "search.services": Act(_services),
    "search.providers": Act(_providers),
    "search.page": Act(_page),
    "search.sitemap": Act(_sitemap),
}
