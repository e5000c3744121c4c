"""Workers that die, or are told no, at a point of a move."""

from __future__ import annotations

from collections.abc import Callable


class Killed(BaseException):
    """As -9: nothing that catches errors learns of it, and PostgreSQL rolls back what was open."""


def raising(error: type[BaseException]) -> Callable[..., None]:
    def instead(*_: object, **__: object) -> None:
        raise error

    return instead


def then(error: type[BaseException], function: Callable[..., object]) -> Callable[..., None]:
    def andthen(*args: object, **kwargs: object) -> None:
        function(*args, **kwargs)
        raise error

    return andthen
