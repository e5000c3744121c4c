"""The deployment's files fit one another: the same processes as the demo, every setting explained, nothing undefined."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from ops.installation import processes

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
SERVICES = COMPOSE["services"]
SETTINGS = sorted((ROOT / "platform" / "config" / "settings").glob("*.py"))
EXAMPLE = dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
OF_COMPOSE_ALONE = {"ACME_EMAIL", "CITUS_IMAGE", "WAL_ARCHIVE"}
OF_THE_OPERATOR = ("SECRET_KEY", "S3_ACCESS_KEY", "S3_SECRET_KEY", "EMAIL_HOST_PASSWORD", "STRIPE_SECRET_KEY")
NOT_FOR_A_DEPLOYMENT = {
    "LIVE_PORT": "behind a proxy, sockets answer at the page's own address",
    "MEDIA_ROOT": "files live in the store",
    "STATIC_ROOT": "the image has collected them",
    "STRIPE_API_BASE": "the demo's own Stripe: a deployment with it does not start",
    "STRIPE_CLOCK_FILE": "the demo's own clock: a deployment with it does not start",
    "THEME_CACHE_DIR": "the image has a folder of its own, which it may lose",
}


def _table() -> dict[str, str]:
    """What deploy.md says of each name."""
    page = (ROOT / "docs" / "how-to" / "deploy.md").read_text().partition("## Environment")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \| (.+) \|$", page, re.MULTILINE)
    return {name: text for names, text in rows for name in re.findall(r"`([A-Z0-9_]+)`", names)}


DESCRIBED = set(_table())


def test_every_process_of_the_demo_runs_in_the_deployment_too():
    programs = {process.name: " ".join(process.command[1:]).removeprefix("-m ") for process in processes(8000, live_port=8001)}

    for name, command in programs.items():
        first_words = " ".join(command.split()[:2])
        assert first_words in SERVICES[name]["command"], f"{name}: the demo runs {first_words!r}"


def test_the_deployment_has_all_parts():
    assert set(SERVICES) == {
        "setup", "web", "live", "worker", "beat", "sweeper", "caddy", "postgres", "side", "redis", "storage", "mail",
    }  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_depends_on_services_that_are_there(name):
    assert set(SERVICES[name].get("depends_on", {})) <= set(SERVICES)
    assert {"image", "build"} & set(SERVICES[name])


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"setup", "side", "mail"}))
def test_a_service_that_stays_says_whether_it_is_well(name):
    """Set-up ends, the side cluster is there by hand; the mail catcher's image brings its own check."""
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries"} <= set(check)


def test_whoever_is_waited_for_to_be_well_has_a_check():
    waits = {
        awaited
        for service in SERVICES.values()
        for awaited, terms in service.get("depends_on", {}).items()
        if terms["condition"] == "service_healthy"
    }

    assert waits == {"postgres", "redis", "storage", "web", "live"}
    assert all("healthcheck" in SERVICES[name] for name in waits)


def test_the_log_is_kept_where_the_side_cluster_finds_it():
    database, side = SERVICES["postgres"], SERVICES["side"]
    kept = [mount for mount in side["volumes"] if mount.startswith("postgres_backup:")]

    assert EXAMPLE["WAL_ARCHIVE"] == "on"
    assert "-carchive_mode=${WAL_ARCHIVE}" in database["command"]
    assert "postgres_backup:/backup" in database["volumes"]
    # It reads, and can neither damage what is kept nor be started with the others.
    assert (kept, side["profiles"]) == (["postgres_backup:/backup:ro"], ["rewind"])
    assert side["image"] == database["image"]
    assert (ROOT / side["volumes"][0].split(":")[0]).exists()


def test_all_that_is_copied_into_the_image_is_compiled_there_and_nothing_needs_to_write():
    image = DOCKERFILE.rsplit("FROM ", 1)[1]
    copied = re.findall(r"^COPY (?:--from=build )?(\S+)", image, re.MULTILINE)
    (compiled,) = re.findall(r"^RUN python -m compileall (.+)$", image, re.MULTILINE)

    assert {path.strip("/") for path in copied} == {path.strip("/").removesuffix("/lib") for path in compiled.split()[2:]}
    assert image.rindex("\nCOPY ") < image.index("compileall") < image.index("\nUSER ")
    assert "PYTHONDONTWRITEBYTECODE" not in DOCKERFILE


def test_volumes_and_secrets_in_use_are_declared():
    used = {
        mount.split(":")[0]
        for service in SERVICES.values()
        for mount in service.get("volumes", [])
        if not mount.startswith(".")
    }
    secrets = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}

    assert used == set(COMPOSE["volumes"])
    assert secrets == set(COMPOSE["secrets"])


def _names_read(source: str) -> set[str]:
    """Whatever `source` asks `config.env` for, by any of its functions."""
    return set(re.findall(r'\benv\.\w+\(\s*"([A-Z0-9_]+)"', source))


def test_every_name_that_settings_ask_for_is_in_the_example_and_in_the_table():
    read = {name for path in SETTINGS for name in _names_read(path.read_text())} - set(NOT_FOR_A_DEPLOYMENT)

    assert {"SECRET_KEY", "S3_BUCKET", "POOL_TARGET", "PUBLIC_PORT", "BEHIND_PROXY", "DNS_SERVERS"} <= read
    assert read == set(EXAMPLE) - OF_COMPOSE_ALONE
    assert read == DESCRIBED - OF_COMPOSE_ALONE


def test_a_default_in_the_table_is_that_of_the_settings():
    table = _table()

    assert f"({settings.PROVISIONING_POOL_TARGET})" in table["POOL_TARGET"]
    assert f"({settings.PROVISIONING_LEASE_SECONDS})" in table["PROVISIONING_LEASE_SECONDS"]


def test_compose_takes_only_what_the_example_names():
    taken = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert "PAGES_DATABASE_URL" in taken
    assert taken <= set(EXAMPLE)


def test_the_example_holds_no_secret():
    assert [EXAMPLE[name] for name in OF_THE_OPERATOR] == [""] * 5


def test_whoever_serves_pages_signs_in_as_somebody_who_changes_no_table():
    no_administrator = {"ADMIN_DATABASE_URL": "", "ADMIN_CLUSTERS": ""}
    as_pages = no_administrator | {"DATABASE_URL": "${PAGES_DATABASE_URL}", "CLUSTERS": "${PAGES_CLUSTERS}"}

    assert [SERVICES[name]["environment"] for name in ("web", "live", "beat")] == [as_pages] * 3
    assert [SERVICES[name]["environment"] for name in ("worker", "sweeper")] == [no_administrator] * 2
    assert len({EXAMPLE[name] for name in ("DATABASE_URL", "PAGES_DATABASE_URL", "ADMIN_DATABASE_URL")}) == 3
