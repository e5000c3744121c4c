"""`manage.py operator create <email>`: the first operator, from the machine itself. Also `list` and `dismiss`."""

from __future__ import annotations

import secrets
import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.actor import Actor
from kernel.errors import DomainError
from shared_apps.accounts.selectors import user_by_email
from shared_apps.operators.models import Operator
from shared_apps.operators.services import appoint_operator, dismiss_operator
from shared_apps.operators.types import OperatorRole
from tenants.scope import platform_scope


class Command(BaseCommand):
    """Whoever may run this command owns the machine, so it acts as the platform itself; the audit trail says so."""

    help = "Create, list and dismiss operators of the platform."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make somebody an operator, or give one a new password")
        create.add_argument("email")
        create.add_argument("--role", choices=OperatorRole.values, default=OperatorRole.ADMIN.value)
        create.add_argument("--generate", action="store_true", help="print a new password instead of asking for one")
        verbs.add_parser("list", help="print all operators")
        verbs.add_parser("dismiss", help="take somebody's rights away").add_argument("email")

    def handle(self, *_args: Any, verb: str, **options: Any) -> None:  # Any: Django's own signature
        actor = Actor.system("manage.py operator")
        with platform_scope(reason="manage.py operator"):
            try:
                getattr(self, f"_{verb}")(actor, options)
            except DomainError as error:
                raise CommandError(error.message) from error

    def _create(self, actor: Actor, options: dict[str, Any]) -> None:  # Any: Django's own signature
        is_generated = options["generate"] or not sys.stdin.isatty()
        password = secrets.token_urlsafe(16) if is_generated else getpass("Password: ")
        operator = appoint_operator(actor=actor, email=options["email"], password=password, role=OperatorRole(options["role"]))
        self.stdout.write(f"Operator {operator.user.email} ({operator.role}).")
        if is_generated:
            self.stdout.write(f"Password, shown only now: {password}")

    def _list(self, _actor: Actor, _options: dict[str, Any]) -> None:  # Any: Django's own signature
        for operator in Operator.objects.select_related("user").order_by("user__email"):
            self.stdout.write(f"{operator.user.email}\t{operator.role}\t{operator.created_at:%Y-%m-%d}")

    def _dismiss(self, actor: Actor, options: dict[str, Any]) -> None:  # Any: Django's own signature
        user = user_by_email(options["email"])
        if user is None:
            raise CommandError(f"Nobody on the platform has the address {options['email']}.")
        dismiss_operator(actor=actor, user=user)
        self.stdout.write(f"{user.email} is no operator.")
