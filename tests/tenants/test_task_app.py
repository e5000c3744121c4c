"""Every process sends its tasks to the broker that the workers listen to."""

import os
import subprocess
import sys

import pytest

from ops.local.home import ROOT

_TELL = "from provisioning.tasks import advance_run; print(advance_run.app.conf.broker_url)"
_BROKER = "redis://127.0.0.1:1/7"


def _broker_of(start: str, *, cut: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"{cut}{start}; {_TELL}"],
        env=dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "REDIS_URL": _BROKER},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("start", ["import config.wsgi", "import config.asgi", "import django; django.setup()"])
def test_a_process_of_any_kind_rings_at_the_workers_broker(start):
    assert _broker_of(start) == _BROKER


def test_without_the_app_a_ring_goes_where_nobody_listens():
    """Negative control: what a process does that never loads `config.celery`."""
    cut = "from tenants.apps import TenantsConfig; TenantsConfig.ready = lambda self: None; "

    assert _broker_of("import config.wsgi", cut=cut) != _BROKER
