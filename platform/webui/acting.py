"""Acts behind one button: done, or refused, and either told on the page that comes next."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.functional import Promise

from kernel.errors import DomainError
from webui.htmx import Kind, add_toast


def act_and_tell(request: HttpRequest, act: Callable[[], object], *, done: str | Promise, done_kind: Kind = "ok") -> bool:
    """Carry `act` out and say `done`, or why it was refused; whether it was done."""
    try:
        act()
    except DomainError as error:
        add_toast(request, error.message, kind="bad")
        return False
    add_toast(request, done, kind=done_kind)
    return True
