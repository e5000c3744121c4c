"""What can be refused about categories and services."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import Conflict, Invalid, NotFound


class ServiceNotFound(NotFound):
    """No such service, or none that the actor may know of."""

    code: ClassVar[str] = "service_not_found"


class CategoryNotFound(NotFound):
    """No such category."""

    code: ClassVar[str] = "category_not_found"


class CategoryInUse(Conflict):
    """Services stand in the category; they would be lost with it."""

    code: ClassVar[str] = "category_in_use"


class NameTaken(Conflict):
    """Another category has this name already."""

    code: ClassVar[str] = "category_name_taken"


class WrongCurrency(Invalid):
    """A price in another currency than the marketplace's."""

    code: ClassVar[str] = "wrong_currency"


class ServiceIncomplete(Invalid):
    """Something that customers need is not filled in yet."""

    code: ClassVar[str] = "service_incomplete"
