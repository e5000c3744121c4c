"""What a sidebar is made of: the layouts draw it, the apps that own the pages fill it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place to go. `count` shows what waits there; the first items with `in_tabbar` are the phone's tab bar."""

    label: str | Promise
    url: str
    icon: str
    count: int = 0
    is_current: bool = False
    in_tabbar: bool = False


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Items under a heading; the first group usually has none."""

    label: str | Promise
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in, at the foot of the sidebar."""

    label: str
    detail: str | Promise = ""
    url: str = ""
    sign_out_url: str = ""


# More than five targets no longer fit a phone's width; the last place is the menu with everything.
TABBAR_SIZE = 4


def tabbar_items(groups: list[NavGroup]) -> list[NavItem]:
    """The few items that a phone shows at the bottom, in the order of the sidebar."""
    return [item for group in groups for item in group.items if item.in_tabbar][:TABBAR_SIZE]


@dataclass(frozen=True, slots=True)
class NoticeBar:
    """One sentence above every page, and where it is put right. `name` is for who does not see the bar."""

    name: str | Promise
    icon: str
    text: str | Promise
    label: str | Promise
    url: str
    is_urgent: bool = False
