"""`manage.py apikey create|list|revoke`, for a marketplace (`--tenant slug`) or an operator (`--operator address`)."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.actor import Actor
from kernel.errors import DomainError
from kernel.ids import parse_public_id
from shared_apps.operators.selectors import operator_keys_for
from shared_apps.operators.services import create_operator_key, revoke_operator_key
from shared_apps.operators.types import SCOPES as OPERATOR_SCOPES
from shared_apps.rest.models import ApiKeyFields
from shared_apps.rest.types import KEY_PREFIX
from tenant_apps.api.selectors import keys_for
from tenant_apps.api.services import create_key, revoke_key
from tenant_apps.api.types import SCOPES as TENANT_SCOPES
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

_ACTOR: Final = Actor.system("manage.py apikey")

type Options = dict[str, Any]  # Any: Django's own signature


class Command(BaseCommand):
    """Whoever may run this command owns the machine, so it acts as the platform itself."""

    help = "Create, list and revoke API keys."

    def add_arguments(self, parser: CommandParser) -> None:
        """Three verbs, each for a marketplace or an operator."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = _for_somebody(verbs.add_parser("create", help="make a key and print it, this once"))
        create.add_argument("--name", default="Command line")
        known = ", ".join([*TENANT_SCOPES, *OPERATOR_SCOPES])
        create.add_argument("--scope", action="append", required=True, help=f"may be repeated; one of {known}")
        _for_somebody(verbs.add_parser("list", help="print keys without their secrets"))
        _for_somebody(verbs.add_parser("revoke", help="make a key worthless")).add_argument("key")

    def handle(self, *_args: Any, verb: str, **options: Any) -> None:  # Any: Django's own signature
        """Do it in the scope whose key it is."""
        try:
            with _scope_of(options):
                getattr(self, f"_{verb}")(options)
        except DomainError as error:
            raise CommandError(error.message) from error

    def _create(self, options: Options) -> None:
        wish: Options = {"actor": _ACTOR, "name": options["name"], "scopes": options["scope"]}
        operator = options["operator"]
        minted = create_operator_key(email=operator, **wish) if operator else create_key(**wish)
        self.stdout.write(minted.text)
        self.stderr.write("Keep it now: it is not shown again.")

    def _list(self, options: Options) -> None:
        operator = options["operator"]
        keys: Iterable[ApiKeyFields] = operator_keys_for(actor=_ACTOR, email=operator) if operator else keys_for(actor=_ACTOR)
        for key in keys:
            state = "revoked" if key.revoked_at else "live"
            used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never used"
            self.stdout.write(f"{key.reference}\t…{key.hint}\t{state}\t{used}\t{' '.join(key.scopes)}\t{key.name}")

    def _revoke(self, options: Options) -> None:
        key_id = parse_public_id(KEY_PREFIX, options["key"])
        if options["operator"]:
            revoke_operator_key(actor=_ACTOR, key_id=key_id)
        else:
            revoke_key(actor=_ACTOR, key_id=key_id)
        self.stdout.write(f"{options['key']} is worthless now.")


def _for_somebody[P: ArgumentParser](parser: P) -> P:
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--tenant", help="the marketplace's slug")
    whose.add_argument("--operator", help="the operator's e-mail address")
    return parser


@contextmanager
def _scope_of(options: Options) -> Generator[None]:
    with platform_scope(reason="manage.py apikey"):
        if options["operator"]:
            yield
            return
        tenant = Tenant.objects.prefetch_related("domains").filter(slug=options["tenant"]).first()
    if tenant is None:
        raise CommandError(f"There is no organization “{options['tenant']}”.")
    with tenant_scope(tenant):
        yield
