"""Attempts on files (R43)."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Final

from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage

from provisioning.selftest.asking import OK, ask
from provisioning.selftest.files import picture_name, put_file, text_name
from provisioning.selftest.stage import Side
from provisioning.selftest.trying import Act
from tenants.scope import tenant_scope


def _name(here: Side, there: Side) -> bool:
    name = text_name(there.report_id)
    _put(name, here, there)
    with tenant_scope(here.tenant):
        return _read(name) == there.mark


def _path(here: Side, there: Side) -> bool:
    name = text_name(there.report_id)
    _put(name, here, there)
    with tenant_scope(here.tenant):
        return _read(posixpath.join("..", there.tenant.storage_prefix, name)) == there.mark


def _address(here: Side, there: Side) -> bool:
    """The same address leads to a picture on both sides; whose?"""
    name = picture_name(there.report_id)
    _put(name, here, there)
    answer = ask(here.tenant, f"/media/{name}")
    return answer.status == OK and answer.text == there.mark


def _put(name: str, here: Side, there: Side) -> None:
    """Only there; what an attempt in the other direction has written here goes."""
    with tenant_scope(here.tenant):
        default_storage.delete(name)
    with tenant_scope(there.tenant):
        put_file(name, there.mark)


def _read(name: str) -> str:
    try:
        with default_storage.open(name) as file:
            return bytes(file.read()).decode(errors="replace")
    except FileNotFoundError:
        return ""


ACTS: Final[Mapping[str, Act]] = {
    "files.name": Act(_name),
    "files.path": Act(_path, (SuspiciousOperation,)),
    "files.address": Act(_address),
}
