"""The only reader of the environment: typed, with `NAME_FILE` for secrets that are mounted as files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT: Final = Path(__file__).resolve().parent.parent.parent

_env = environ.Env()
_PORTS: Final = 65_536
_IDENTIFIER: Final = re.compile(r"^[a-z][a-z0-9_]{0,29}$")


def text(name: str, default: str | None = None) -> str:
    """The value of NAME, or the content of the file that NAME_FILE names.

    Raises:
        ImproperlyConfigured: neither is set and there is no default, or both are: one that was blanked or replaced
            for a process (docker-compose.yml) must not come back by its file.
    """
    if path := os.environ.get(f"{name}_FILE"):
        if name in os.environ:
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: take one of them away, even an empty {name}.")
        return Path(path).read_text(encoding="utf-8").strip()
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE). See .env.example.")
    return value


def flag(name: str, *, default: bool) -> bool:
    return bool(_env.bool(name, default=default))


def number(name: str, default: int) -> int:
    return int(_env.int(name, default=default))


def port(name: str) -> str:
    """What follows a host in an address: `:8443` where NAME is 8443, nothing where it is not set or empty.

    Raises:
        ImproperlyConfigured: it is no number of a port.
    """
    value = text(name, "")
    if value and not (value.isascii() and value.isdigit() and 0 < int(value) < _PORTS):
        raise ImproperlyConfigured(f"{name} must be a number below {_PORTS}, without a colon, or empty: {value!r} is not.")
    return f":{value}" if value else ""


def identifier(name: str, default: str) -> str:
    """A name for use in SQL without quotes: a letter, then letters, digits and underscores, all of them small.

    Raises:
        ImproperlyConfigured: PostgreSQL would read it as another name, or not at all.
    """
    value = text(name, default)
    if not _IDENTIFIER.match(value):
        raise ImproperlyConfigured(f"{name} must be of small letters, digits and underscores, at most 30: {value!r} is not.")
    return value


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    return [str(word) for word in _env.list(name, default=default)]


def database(name: str, fallback: str = "") -> dict[str, object]:
    """A `postgresql://…` address as Django's DATABASES entry; that of `fallback` where NAME is not set or empty."""
    address = text(name, "") if fallback else text(name)
    return dict(_env.db_url_config(address or text(fallback)))


def databases(name: str) -> dict[str, dict[str, object]]:
    """Addresses with names, apart by spaces or lines (`east=postgresql://… west=postgresql://…`), as Django's entries.

    Raises:
        ImproperlyConfigured: a name is no identifier, stands twice, or is that of the platform's own cluster.
    """
    found: dict[str, dict[str, object]] = {}
    for word in text(name, "").split():
        alias, _, address = word.partition("=")
        if not _IDENTIFIER.match(alias) or alias == "default" or alias in found or not address:
            raise ImproperlyConfigured(f"{name}: name=postgresql://… with another name for each, none of them default.")
        found[alias] = dict(_env.db_url_config(address))
    return found
