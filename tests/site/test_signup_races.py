"""Sign-up when several send it at the same moment, with commits and threads."""

import pytest
from django.db import connection
from django.test import Client

from provisioning.models import Run, Step
from tenants import registry
from tenants.models import ReservedName
from tenants.scope import owner_scope, platform_scope
from tests.factories.racing import after_everybody, race
from tests.site.asking import answers, runs

pytestmark = [pytest.mark.proves("races.names"), pytest.mark.usefixtures("own_database", "rung")]


@pytest.fixture
def rung(monkeypatch) -> list[int]:
    """The runs for which the workers were rung."""
    heard: list[int] = []
    monkeypatch.setattr("provisioning.services.ring", heard.append)
    return heard


@pytest.fixture
def all_looked(monkeypatch) -> None:
    """Ten have seen that the name is free before any of them has written."""
    monkeypatch.setattr(registry, "check_slug", after_everybody(10, registry.check_slug))


def _send(data: dict[str, str]):
    return Client(headers={"host": "localhost"}).post("/start/", data)


def test_ten_double_clicks_at_once_start_one_organization(rung):
    answered = race(10, lambda _number: _send(answers())["Location"])

    assert len(set(answered)) == 1
    (run,) = runs()
    assert rung == [run.pk]


def test_many_people_behind_one_address_of_the_net_are_all_let_in():
    statuses = race(
        8, lambda number: _send(answers(key=f"a-visit-of-person-{number}", slug=f"linden-{chr(97 + number)}-yard")).status_code
    )

    assert statuses == [303] * 8


@pytest.mark.usefixtures("all_looked")
def test_of_ten_people_at_once_one_gets_the_name(rung):
    statuses = race(10, lambda number: _send(answers(key=f"a-visit-of-person-{number}")).status_code)

    assert sorted(statuses) == [303] + [409] * 9
    with platform_scope(reason="test"):
        assert Run.objects.count() == ReservedName.objects.count() == len(rung) == 1
        assert set(Step.objects.values_list("run_id", flat=True)) == {runs()[0].pk}


@pytest.mark.control
@pytest.mark.usefixtures("all_looked")
def test_without_the_constraint_all_would_get_the_name():
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("DROP INDEX reserved_name_no_look_alike")

    statuses = race(10, lambda number: _send(answers(key=f"a-visit-of-person-{number}")).status_code)

    assert statuses == [303] * 10
