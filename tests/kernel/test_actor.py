"""An actor may do what it holds, and nothing else."""

import dataclasses

import pytest

from kernel.actor import Actor
from kernel.errors import PermissionDenied


def test_a_person_may_do_what_they_hold_and_nothing_else() -> None:
    ann = Actor.user(user_id=1, label="ann@example.org", capabilities=frozenset({"bookings.see"}))

    assert ann.can("bookings.see")
    assert not ann.can("bookings.confirm")


def test_a_refusal_names_the_capability_for_the_log_but_not_for_the_person() -> None:
    guest = Actor.guest()

    with pytest.raises(PermissionDenied) as refused:
        guest.require("bookings.confirm")

    assert refused.value.capability == "bookings.confirm"
    assert "bookings.confirm" not in refused.value.message


def test_holding_the_capability_is_enough() -> None:
    Actor.operator(user_id=1, label="op", capabilities=frozenset({"tenants.suspend"})).require("tenants.suspend")


def test_the_platform_itself_is_never_refused() -> None:
    Actor.system("outbox relay").require("anything.at_all")


def test_an_actor_cannot_give_itself_more() -> None:
    guest = Actor.guest()

    with pytest.raises(dataclasses.FrozenInstanceError):
        guest.capabilities = frozenset({"tenants.suspend"})  # type: ignore[misc]


@pytest.mark.parametrize(("kind", "user_id"), [("user", None), ("operator", None), ("guest", 1), ("system", 1)])
def test_only_people_have_a_user_and_people_always_have_one(kind: str, user_id: int | None) -> None:
    with pytest.raises(ValueError, match=kind):
        Actor(kind, user_id, "x")  # type: ignore[arg-type]
