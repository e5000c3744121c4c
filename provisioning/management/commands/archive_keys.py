"""`manage.py archive_keys show|list|trust|distrust`: by which installations archives may have been written."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.actor import Actor
from kernel.errors import DomainError
from provisioning.archives.signing import own_key
from shared_apps.archives.selectors import trusted_keys
from shared_apps.archives.services import distrust_key, trust_key

_ACTOR = Actor.system("manage.py archive_keys")


class Command(BaseCommand):
    help = "Show this installation's key; list, trust and distrust those of others."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("show", help="the key that another installation has to trust to import archives of this one")
        actions.add_parser("list", help="the keys that are trusted here")
        trusting = actions.add_parser("trust", help="import archives that this key signed")
        trusting.add_argument("key")
        trusting.add_argument("--name", required=True, help="whose it is")
        actions.add_parser("distrust").add_argument("key")

    def handle(self, *, action: str, **options: Any) -> None:  # Any: Django's own options
        match action:
            case "show":
                self.stdout.write(own_key())
            case "list":
                for trusted in trusted_keys():
                    self.stdout.write(
                        f"{trusted.key}  {trusted.name}, by {trusted.trusted_by} on {trusted.trusted_at:%Y-%m-%d}"
                    )
            case "trust":
                self._trust(options["key"], options["name"])
            case _:
                was_trusted = distrust_key(actor=_ACTOR, key=options["key"])
                self.stdout.write("not trusted any more" if was_trusted else "was not trusted")

    def _trust(self, key: str, name: str) -> None:
        try:
            trusted = trust_key(actor=_ACTOR, key=key, name=name)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"trusted: {trusted.key}  {trusted.name}")
