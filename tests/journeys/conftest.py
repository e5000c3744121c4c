"""Visitors with browsers, on a running installation."""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import BrowserContext

from tests.journeys.letters import Mailbox
from tests.journeys.visitors import Visitor, World


@pytest.fixture(scope="session")
def world(installation) -> World:
    """The installation as its visitors know it."""
    return World(installation, Mailbox(installation.mail))


@pytest.fixture
def visitor(chromium, world) -> Generator[Callable[..., Visitor]]:
    """Makes visitors, each with a browser of their own: `visitor(timezone_id="Asia/Tokyo")`. None of them may complain."""
    visitors: list[Visitor] = []

    def arrive(**wishes: object) -> Visitor:
        settings = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", "locale": "en-GB"} | wishes
        context: BrowserContext = chromium.new_context(**settings)
        visitors.append(Visitor(context, world))
        return visitors[-1]

    yield arrive
    for each in visitors:
        each.context.close()
    assert [complaint for each in visitors for complaint in each.complaints] == []
