"""A real Chromium, and a whole installation with the three sample marketplaces for it to look at."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import ExitStack

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from ops.browser import find_chromium
from ops.installation import Installation, prepare
from ops.local.databases import empty_database
from ops.local.process import free_port
from ops.local.redis import start_redis

_FLAGS = [
    "--no-sandbox",  # root, as in a container, has no sandbox to give
    "--disable-gpu",
    # It speaks with the installation and with nobody else.
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP localhost 127.0.0.1, MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
def chromium() -> Generator[Browser]:
    """Chromium, or a failure that says what is missing.

    Not longer than a module: while Playwright runs, Django takes this thread for an asynchronous one and refuses queries.
    """
    program = find_chromium()
    if program is None:
        pytest.fail("No Chromium on this machine: install one, or let `python -m ops.browser` do it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def installation(tmp_path_factory) -> Generator[Installation]:
    """What `make demo` runs, on a fresh database of the suite's PostgreSQL and a Redis of its own; one for the session."""
    home = tmp_path_factory.mktemp("installation")
    with ExitStack() as stack:
        addresses = stack.enter_context(empty_database(os.environ, f"stoa_journeys_{os.getpid()}"))
        redis = start_redis(home / "redis", durable=False)
        stack.callback(redis.stop)
        # Nobody answers there: pages about domains are looked at, and no name server of the world is asked.
        given = dict(os.environ) | addresses | {"REDIS_URL": redis.url(), "DNS_SERVERS": f"127.0.0.1:{free_port()}"}
        own = (
            "EMAIL_HOST",
            "MAILBOX_PORT",
            "STRIPE_PORT",
            "STRIPE_SECRET_KEY",
            "SECRET_KEY",
            "MEDIA_ROOT",
            "STATIC_ROOT",
            "THEME_CACHE_DIR",
            "POOL_TARGET",
        )
        for name in own:
            given.pop(name, None)
        running = prepare(home, port=free_port(), given=given, stack=stack)
        running.start(stack)
        _wait_for_quiet(addresses["ADMIN_DATABASE_URL"])
        yield running


def _wait_for_quiet(address: str) -> None:
    """Until what the samples' making set off is through: owners are signed out once, when they are first proved to be such."""
    deadline = time.monotonic() + 90
    waiting = "SELECT EXISTS (SELECT FROM public.outbox_message WHERE state IN ('pending', 'leased') AND available_at <= now())"
    with psycopg.connect(address, autocommit=True) as asking:
        while asking.execute(waiting).fetchone() != (False,):
            assert time.monotonic() < deadline, "The samples' events are not through."
            time.sleep(0.2)
