"""Who may do what: roles as sets of capabilities, and the few decisions about membership. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from tenant_apps.members.types import Role

_CUSTOMER: Final = frozenset(
    {
        "account.view",
        "bookings.create",
        "bookings.manage_booked",  # the bookings one made as a customer
    }
)
_PROVIDER: Final = frozenset(
    {
        "backoffice.enter",
        "providers.edit_own",
        "services.edit_own",
        "availability.edit_own",
        "bookings.view_own",
        "bookings.confirm_own",
        "bookings.cancel_own",
    }
)
_MANAGER: Final = _PROVIDER | {
    "members.view",
    "providers.view_all",
    "providers.invite",
    "providers.edit",
    "categories.edit",
    "services.edit",
    "availability.edit",
    "bookings.view_all",
    "bookings.confirm",
    "bookings.cancel",
    "customers.view",
    "reports.view",
}
_OWNER: Final = _MANAGER | {
    "members.manage",
    "settings.edit",
    "theme.edit",
    "domains.edit",
    "plan.manage",
    "marketplace.close",
    "data.export",
    "isolation.test",
}

CAPABILITIES: Final[Mapping[Role, frozenset[str]]] = {
    Role.OWNER: _OWNER,
    Role.MANAGER: _MANAGER,
    Role.PROVIDER: _PROVIDER,
    Role.CUSTOMER: _CUSTOMER,
}

# The roles that are rows; everybody who is signed in is a customer anyway.
STAFF: Final[frozenset[Role]] = frozenset({Role.OWNER, Role.MANAGER, Role.PROVIDER})

# What it takes to give somebody a role. Customers are not invited: they sign up.
TO_GRANT: Final[Mapping[Role, str]] = {
    Role.OWNER: "members.manage",
    Role.MANAGER: "members.manage",
    Role.PROVIDER: "providers.invite",
}

INVITATION_LIFE: Final = timedelta(days=14)
# For how long a withdrawn invitation can be brought back, as other undos of the back office.
UNDO_LIFE: Final = timedelta(hours=1)


def capabilities_of(roles: Iterable[Role]) -> frozenset[str]:
    """All that these roles allow together, and what every signed-in person may do."""
    return _CUSTOMER.union(*(CAPABILITIES[role] for role in roles))


def landing_path_of(roles: Iterable[Role]) -> str:
    """Where somebody in these roles goes after signing in."""
    return "/manage/" if "backoffice.enter" in capabilities_of(roles) else "/account/"


def names_of(full_name: str) -> tuple[str, str]:
    """First and last name as a form may suggest them; people correct what we guess."""
    first, _, last = full_name.strip().partition(" ")
    return first, last.strip()
