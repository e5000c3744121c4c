"""The clock of billing follows the local Stripe in the demo, and nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from integrations.stripe import clock as stripe_clock
from integrations.stripe.fake.local import LocalStripe
from kernel import clock
from ops.local.home import ROOT

from .conftest import BEGUN

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
_TELL = "import sys; from importlib import import_module as load; print(load(sys.argv[1]).STRIPE_CLOCK_FILE)"


@pytest.fixture
def kept_in(tmp_path, settings, monkeypatch):
    """Where the local Stripe says how far it was moved, at noon."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    settings.STRIPE_CLOCK_FILE = str(tmp_path / "stripe" / "moved")
    return tmp_path / "stripe" / "moved"


def test_what_is_moved_there_has_moved_here_also_after_a_restart(kept_in, tmp_path):
    state = tmp_path / "state.sqlite"
    assert stripe_clock.now() == NOON
    local = LocalStripe(frozen_at=BEGUN, state=state, clock_file=kept_in)
    local.advance(int(timedelta(days=31).total_seconds()))
    local.close()
    kept_in.unlink()

    LocalStripe(frozen_at=BEGUN, state=state, clock_file=kept_in).close()

    assert stripe_clock.now() == NOON + timedelta(days=31)


def test_where_no_file_is_named_time_is_not_moved(kept_in, settings):
    LocalStripe(frozen_at=BEGUN, clock_file=kept_in).advance(86_400)
    assert stripe_clock.now() == NOON + timedelta(days=1)

    settings.STRIPE_CLOCK_FILE = ""

    assert stripe_clock.now() == NOON


@pytest.mark.parametrize(("module", "told"), [("config.settings.base", ""), ("config.settings.demo", "/moved")])
def test_only_the_demos_settings_read_it_from_the_environment(module, told):
    env = os.environ | {"STRIPE_CLOCK_FILE": "/moved", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}

    done = subprocess.run([sys.executable, "-c", _TELL, module], env=env, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == told
