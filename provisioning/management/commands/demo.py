"""`manage.py demo seed|addresses`: the sample marketplaces, and how to get in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from provisioning.demo import PASSWORD, kept_samples, marketplace_address, seed_demo, sign_ins
from provisioning.errors import DemoFailed


class Command(BaseCommand):
    help = "Make the demo's marketplaces, or print their addresses and sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("seed", help="make what is missing; what is there stays")
        actions.add_parser("addresses")

    def handle(self, *, action: str, **_options: Any) -> None:  # Any: Django's own options
        if action == "seed":
            self._seed()
        else:
            self._print_addresses()

    def _seed(self) -> None:
        try:
            seeded = seed_demo()
        except DemoFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"live: {', '.join(seeded)}")

    def _print_addresses(self) -> None:
        self.stdout.write(f"{'Platform':<18}{settings.PLATFORM_URL}")
        for sample in kept_samples():
            self.stdout.write(f"{sample.name:<18}{marketplace_address(sample.slug)}")
        self.stdout.write(f"\nSign in with the password {PASSWORD}")
        for sign_in in sign_ins():
            self.stdout.write(f"  {sign_in.role:<10}{sign_in.email:<32}{sign_in.address}")
