"""The file that puts PostgreSQL on several nodes fits the deployment's own, and lets only nodes in without a password."""

import ipaddress
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BASE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OVER = yaml.safe_load((ROOT / "ops/deploy/citus/docker-compose.yml").read_text())
EXAMPLE = (ROOT / ".env.example").read_text()
RUNBOOK = (ROOT / "docs/runbooks/scale-out.md").read_text()
COORDINATOR = OVER["services"]["postgres"]
NODES = {name: service for name, service in OVER["services"].items() if name != "postgres"}
FOR_CITUS = {"-cshared_preload_libraries=citus", "-ccitus.enable_unsafe_triggers=on", "-chba_file=/etc/citus/pg_hba.conf"}


def test_the_coordinator_is_the_server_of_the_deployment_with_more():
    """Lists of a second file take the place of the first one's."""
    before, after = set(BASE["services"]["postgres"]["command"]), set(COORDINATOR["command"])

    assert before < after
    assert after >= FOR_CITUS
    assert set(COORDINATOR["networks"]) == {"default", "nodes"}


@pytest.mark.parametrize("name", NODES)
def test_a_node_is_set_like_the_coordinator(name):
    of_the_log = {word for word in COORDINATOR["command"] if "archive" in word}

    assert set(NODES[name]["command"]) == set(COORDINATOR["command"]) - of_the_log
    assert NODES[name]["image"] == COORDINATOR["image"] == "${CITUS_IMAGE}"
    assert NODES[name]["environment"] == BASE["services"]["postgres"]["environment"]


@pytest.mark.parametrize("name", NODES)
def test_a_node_is_reached_by_nodes_only(name):
    assert NODES[name]["networks"] == ["nodes"]
    assert "ports" not in NODES[name]
    assert OVER["networks"]["nodes"]["internal"] is True


def test_only_nodes_come_in_without_a_password():
    lines = [line.split() for line in (ROOT / "ops/deploy/citus/pg_hba.conf").read_text().splitlines() if line[:1].isalpha()]
    trusted, here = [line[3] for line in lines if line[0] != "local" and line[-1] == "trust"]
    (subnet,) = [entry["subnet"] for entry in OVER["networks"]["nodes"]["ipam"]["config"]]

    assert ipaddress.ip_network(trusted) == ipaddress.ip_network(subnet)
    assert here == "samehost"


def test_volumes_and_names_are_declared():
    used = {mount.split(":")[0] for node in NODES.values() for mount in node["volumes"] if not mount.startswith(".")}
    taken = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "ops/deploy/citus/docker-compose.yml").read_text()))

    assert used == set(OVER["volumes"])
    assert taken <= set(re.findall(r"^([A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))


def test_nodes_reach_the_coordinator_in_their_own_network():
    (name,) = COORDINATOR["networks"]["nodes"]["aliases"]

    assert f"citus_set_coordinator_host('{name}')" in RUNBOOK


@pytest.mark.parametrize("name", NODES)
def test_the_runbook_makes_every_node_known(name):
    assert f"citus_add_node('{name}'" in RUNBOOK
