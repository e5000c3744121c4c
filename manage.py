#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    """Run a command on the platform's tables; one that works in a tenant enters it by itself."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    from django.core.management import execute_from_command_line

    from tenants.scope import platform_scope

    with platform_scope(reason="manage.py"):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
