"""Ways to the pages of a plan's next version: there has to be a draft first, or a version that nobody is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.roles import OPERATOR
from themes.engine.packages import get_package

if TYPE_CHECKING:
    from tests.journeys.people import People
    from tests.journeys.visitors import Visitor

_PLAN = "/console/plans/studio/"
_NOT_FOUND = 404


def to_theme(people: People, place: str) -> str:
    """A version of a theme package that came with the code."""
    return f"{people.host(place)}/console/themes/{get_package('fresh').digest}/"


def to_draft(people: People, place: str) -> str:
    """The operator works on a new version, or goes on with it."""
    operator, host = people.at(place, OPERATOR), people.host(place)
    return _drafted(operator, host)


def to_what_if(people: People, place: str) -> str:
    """What would have been with that draft."""
    return f"{to_draft(people, place)}what-if/"


def to_publish(people: People, place: str) -> str:
    """The last look before it is published."""
    return f"{to_draft(people, place)}publish/"


def to_move(people: People, place: str) -> str:
    """The page on which everybody else is moved to the newest version; one is published first, unless there was one."""
    operator, host = people.at(place, OPERATOR), people.host(place)
    address = f"{host}{_PLAN}moves/2/"
    operator.open(address)
    if operator.status == _NOT_FOUND:
        operator.open(f"{_drafted(operator, host)}publish/")
        operator.press("Publish it for good")
        operator.arrives_at(rf"{_PLAN}$")
    return address


def _drafted(operator: Visitor, host: str) -> str:
    operator.open(f"{host}{_PLAN}draft/")
    if operator.status == _NOT_FOUND:
        operator.open(f"{host}{_PLAN}")
        operator.press("Work on a new version")
        operator.arrives_at(r"/draft/$")
    return f"{host}{_PLAN}draft/"
