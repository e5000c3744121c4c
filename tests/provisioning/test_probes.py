"""What a killed try leaves behind is found by the next one, and goes with its role."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection

from ops.local.home import ROOT
from provisioning.archives.versions import catalog_of
from provisioning.models import SchemaTemplate
from provisioning.schemas import template
from provisioning.schemas.probes import drop_lost_probes, probe_of
from provisioning.schemas.template import drop_old_templates, template_script
from provisioning.tasks import tidy_pool
from tenants.schemas import drop_schema
from tenants.scope import owner_scope, platform_scope
from tests.provisioning.processes import environment

pytestmark = pytest.mark.proves("faults.fleet")

_BEGIN = """
import django, os, signal
django.setup()
from provisioning.archives.versions import catalog_of
from provisioning.fleet import planning
from provisioning.schemas import probes, template
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
"""
# A process that dies in the middle of making a plan, and one that dies while its probe stands there.
_KILLED_PLANNING = f"{_BEGIN}planning._is_ahead = die; planning.make_plan(template.ensure_template().version)"
_KILLED_PROBING = f"{_BEGIN}with probes.probe_of(template.template_script()): die()"


def _left(pattern: str) -> tuple[list[str], list[str]]:
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ %s ORDER BY 1", [pattern])
        schemas = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [schemas])
        return schemas, [name for (name,) in cursor.fetchall()]


def _kill(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], env=environment(), cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.servers
def test_a_plan_whose_process_was_killed_leaves_nothing(own_database):
    template_script()
    before = _left("^t_")

    _kill(_KILLED_PLANNING)

    assert _left("^t_") == before


@pytest.mark.servers
def test_the_schema_of_a_killed_try_goes_with_the_sweepers_next_round(own_database):
    template_script()
    _kill(_KILLED_PROBING)
    (lost,), roles = _left("^t_ffffffff")
    assert roles == [lost]

    tidy_pool.run()

    assert _left("^t_ffffffff") == ([], [])
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [lost])
        assert cursor.fetchone() is None


def test_a_probe_that_somebody_is_at_is_left_alone(own_database):
    with probe_of(template_script()) as schema:
        assert drop_lost_probes() == 0

        assert _left("^t_ffffffff") == ([schema], [schema])
    assert _left("^t_ffffffff") == ([], [])


def test_the_schemas_of_old_templates_go_and_the_scripts_stay(own_database):
    template_script()
    old = "template_" + os.urandom(6).hex()
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {old}")

    assert drop_old_templates() == 1

    assert _left("^template_")[0] == [template.template_schema(template.code_schema_version())]
    assert template.ensure_template().script == template_script()


@pytest.mark.parametrize(("hours", "stays"), [(1, True), (-1, False)], ids=["next version", "version before"])
def test_code_that_runs_on_while_the_fleet_migrates_leaves_the_next_versions_template(own_database, hours, stays):
    own, other = template.ensure_template(), os.urandom(6).hex()
    with platform_scope(reason="test"):
        SchemaTemplate.objects.create(version=other, script="", built_at=own.built_at + timedelta(hours=hours))
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA template_{other}")

    assert drop_old_templates() == (not stays)

    left = {template.template_schema(own.version)} | ({f"template_{other}"} if stays else set())
    assert set(_left("^template_")[0]) == left
    drop_schema(f"template_{other}")
    template.forget_template(other)


def test_a_template_whose_schema_is_gone_is_built_again(own_database):
    before = template.ensure_template()
    drop_schema(template.template_schema(before.version))

    after = template.ensure_template()

    assert (after.pk, after.fingerprint) == (before.pk, before.fingerprint)
    assert catalog_of(before.version).fingerprint == before.fingerprint
