"""Operators: appointed on the machine, guarded at each page."""

import sys
from datetime import timedelta
from io import StringIO
from types import ModuleType

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from config import urls_platform
from kernel.actor import Actor
from kernel.errors import PermissionDenied
from shared_apps.accounts.models import User
from shared_apps.audit.models import AuditEntry
from shared_apps.operators.models import Operator
from shared_apps.operators.permissions import operator_required, recent_password_required
from shared_apps.operators.rules import CAPABILITIES
from shared_apps.operators.selectors import operator_actor
from shared_apps.operators.services import appoint_operator, dismiss_operator
from shared_apps.operators.types import OperatorRole
from tenants.scope import platform_scope, tenant_scope
from tests.factories.people import PASSWORD, is_signed_in, make_twins, make_user, sign_in

SYSTEM = Actor.system("test")


@operator_required("tenants.view")
def look(request):
    return HttpResponse(request.actor.label)


@operator_required("tenants.delete")
@recent_password_required
def erase(_request):
    return HttpResponse("erased")


@pytest.fixture(autouse=True)
def _console(settings, monkeypatch) -> None:
    """The platform's own pages, and two of a console."""
    console = ModuleType("console_urls")
    console.urlpatterns = [path("look/", look), path("erase/", erase), *urls_platform.urlpatterns]
    monkeypatch.setitem(sys.modules, "console_urls", console)
    settings.PUBLIC_SCHEMA_URLCONF = "console_urls"


def appoint(role: OperatorRole = OperatorRole.ADMIN, email: str = "ada@twin.example") -> None:
    with platform_scope(reason="test"):
        appoint_operator(actor=SYSTEM, email=email, password=PASSWORD, role=role)


def test_an_operator_passes_the_guard(platform_client):
    appoint(OperatorRole.AUDITOR)
    sign_in(platform_client)

    assert platform_client.get("/look/").content == b"ada@twin.example"


def test_a_role_without_the_capability_does_not(platform_client, caplog):
    appoint(OperatorRole.AUDITOR)
    sign_in(platform_client)

    assert platform_client.get("/erase/").status_code == 403
    assert "authorization_refused" in caplog.text


def test_a_person_of_the_platform_who_is_no_operator_does_not(platform_client):
    with platform_scope(reason="test"):
        make_user()
    sign_in(platform_client)

    assert platform_client.get("/look/").status_code == 403


def test_a_stranger_signs_in_first(platform_client):
    assert platform_client.get("/look/")["Location"] == "/accounts/login/?next=/look/"


def test_the_operators_twin_on_a_marketplace_is_nobody_special(alpha):
    make_twins([None, alpha])
    with platform_scope(reason="test"):
        Operator.objects.create(user=User.objects.get())
        assert operator_actor(User.objects.get()).kind == "operator"

    with tenant_scope(alpha):
        assert operator_actor(User.objects.get()) == Actor.guest()


@pytest.mark.usefixtures("in_platform")
def test_a_guest_is_a_guest():
    assert operator_actor(AnonymousUser()) == Actor.guest()


def test_what_cannot_be_taken_back_asks_for_a_fresh_password(platform_client):
    appoint()
    sign_in(platform_client)

    fresh = platform_client.get("/erase/")
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        stale = platform_client.get("/erase/")
        platform_client.post(stale["Location"], {"password": PASSWORD})
        again = platform_client.get("/erase/")

    assert fresh.content == b"erased"
    assert stale["Location"] == "/accounts/reauthenticate/?next=/erase/"
    assert again.content == b"erased"


def test_a_dismissed_operator_is_out_at_once(platform_client):
    appoint()
    sign_in(platform_client)

    with platform_scope(reason="test"):
        dismiss_operator(actor=SYSTEM, user=User.objects.get())

    assert not is_signed_in(platform_client)
    with platform_scope(reason="test"):
        assert Operator.objects.count() == 0
        assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
            "operator.appointed",
            "operator.dismissed",
        ]


@pytest.mark.usefixtures("in_platform")
@pytest.mark.parametrize("role", [OperatorRole.SUPPORT, OperatorRole.AUDITOR])
def test_only_administrators_appoint(role):
    actor = Actor.operator(user_id=1, label="x", capabilities=CAPABILITIES[role])

    with pytest.raises(PermissionDenied):
        appoint_operator(actor=actor, email="new@twin.example", password=PASSWORD, role=OperatorRole.ADMIN)

    assert Operator.objects.count() == 0


def test_roles_grow_from_auditor_to_administrator():
    auditor, support, admin = (CAPABILITIES[role] for role in (OperatorRole.AUDITOR, OperatorRole.SUPPORT, OperatorRole.ADMIN))

    assert auditor < support < admin


# --- the command


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("operator", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_makes_an_operator_and_prints_the_password_once(platform_client):
    printed = run("create", "op@stoa.example", "--generate")
    password = printed.strip().rpartition(" ")[2]

    assert "Operator op@stoa.example (admin)." in printed
    assert sign_in(platform_client, "op@stoa.example", password)["Location"] == "/console/"
    assert password not in run("list")


@pytest.mark.django_db
def test_the_command_lists_and_dismisses():
    run("create", "op@stoa.example", "--generate", "--role", "support")

    listed = run("list")
    run("dismiss", "op@stoa.example")

    assert listed.startswith("op@stoa.example\tsupport\t")
    assert run("list") == ""


@pytest.mark.django_db
def test_the_command_asks_for_a_password_at_a_terminal_and_refuses_a_weak_one(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("shared_apps.operators.management.commands.operator.getpass", lambda _prompt: "password")

    with pytest.raises(CommandError, match="too short"):
        run("create", "op@stoa.example")

    with platform_scope(reason="test"):
        assert User.objects.count() == 0


@pytest.mark.django_db
def test_the_command_knows_nobody_it_has_not_heard_of():
    with pytest.raises(CommandError, match="Nobody on the platform"):
        run("dismiss", "nobody@stoa.example")
