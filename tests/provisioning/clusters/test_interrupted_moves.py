"""Whatever dies in a move: the organization is whole on one side, and open again."""

from __future__ import annotations

import pytest
from django.db import transaction

from kernel.outbox.models import MessageState
from kernel.outbox.serving import serve
from kernel.outbox.shards import shard_of
from provisioning.errors import RunNotReady
from provisioning.models import Run
from provisioning.saga.engine import advance_to_end
from provisioning.services import retry_run, undo_run
from provisioning.steps import relocating
from provisioning.types import RunState
from tenants.clusters import DEFAULT
from tenants.scope import platform_scope, tenant_scope
from tests.factories.market import make_category
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.clusters.dying import Killed, raising, then
from tests.provisioning.clusters.places import (
    EAST,
    can_write,
    hang,
    messages_on,
    moved,
    names,
    now_of,
    ordered,
    schemas_on,
    sums,
)
from tests.provisioning.killing import let_leases_end
from tests.provisioning.organizations import SYSTEM, again

pytestmark = [pytest.mark.usefixtures("two_clusters"), pytest.mark.xdist_group("clusters")]


BOUNDARIES = [
    *((name, "before") for name in ("copy_rows", "carry", "shut_out")),
    *((name, "after") for name in ("make_empty", "_stop_writing", "note_resident", "switch_cluster", "_write_again")),
]


@pytest.mark.parametrize(("name", "moment"), BOUNDARIES)
def test_killed_anywhere_it_is_whole_on_one_side_and_open_again(furnished, monkeypatch, name, moment):
    before, run = sums(now_of(ALPHA_ID)), ordered(ALPHA_ID)
    with monkeypatch.context() as patch:
        original = getattr(relocating, name)
        patch.setattr(relocating, name, raising(Killed) if moment == "before" else then(Killed, original))
        with pytest.raises(Killed):
            advance_to_end(run.pk)
    whole_meanwhile = sums(now_of(ALPHA_ID))

    let_leases_end()
    state = advance_to_end(run.pk)

    assert whole_meanwhile == before
    assert (state, now_of(ALPHA_ID).database) == (RunState.DONE, EAST)
    assert sums(now_of(ALPHA_ID)) == before
    assert can_write()


def finished_by_another(run: Run, patch: pytest.MonkeyPatch, name: str, calls: int = 1) -> list[dict[str, tuple[int, str]]]:
    """Let whoever comes to `name` for this time stand still there until somebody else has made the whole move.

    And until somebody has written there since; what is there then is put into the list.
    """
    original, left = getattr(relocating, name), iter(range(calls - 1, -1, -1))
    lived: list[dict[str, tuple[int, str]]] = []

    def stand_still(*args: object, **kwargs: object) -> object:
        if next(left, -1) == 0:
            let_leases_end()
            assert advance_to_end(run.pk) == RunState.DONE, again(run).error
            with tenant_scope(now_of(ALPHA_ID)):
                make_category("Since")
            lived.append(sums(now_of(ALPHA_ID)))
        return original(*args, **kwargs)

    patch.setattr(relocating, name, stand_still)
    return lived


@pytest.mark.parametrize(
    ("name", "calls"), [("_require_movable", 2), ("_stop_writing", 1), ("copy_rows", 1), ("require_same_rows", 1)]
)
def test_who_comes_back_late_does_nothing_to_what_is_lived_in_by_then(furnished, monkeypatch, name, calls):
    run = ordered(ALPHA_ID)
    lived = finished_by_another(run, monkeypatch, name, calls)

    advance_to_end(run.pk)

    assert (again(run).state, now_of(ALPHA_ID).database) == (RunState.DONE, EAST)
    assert [sums(now_of(ALPHA_ID))] == lived
    assert can_write()


@pytest.mark.control
def test_without_the_lease_who_comes_back_late_would_take_it_all_away(furnished, monkeypatch):
    run = ordered(ALPHA_ID)
    lived = finished_by_another(run, monkeypatch, "_require_movable", 2)
    monkeypatch.setattr(relocating, "_holding", lambda *_: transaction.atomic())

    advance_to_end(run.pk)

    assert [sums(now_of(ALPHA_ID))] != lived


@pytest.mark.parametrize("name", ["copy_rows", "switch_cluster"])
def test_stopped_before_the_switch_it_stays_open_where_it_was_and_leaves_nothing_there(furnished, monkeypatch, name):
    before, run = sums(now_of(ALPHA_ID)), ordered(ALPHA_ID)
    with monkeypatch.context() as patch:
        patch.setattr(relocating, name, raising(_Refused))
        state = advance_to_end(run.pk)
    stopped_open = can_write()
    made = _made_by(run)

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="alpha")
    advance_to_end(run.pk)

    assert (state, stopped_open) == (RunState.FAILED, True)
    assert (again(run).state, now_of(ALPHA_ID).database) == (RunState.UNDONE, DEFAULT)
    assert sums(now_of(ALPHA_ID)) == before
    assert schemas_on(EAST, made) == set()
    assert can_write()


def test_who_asks_to_take_it_back_while_the_rows_are_compared_finds_it_where_it_was(furnished, monkeypatch):
    before, run = sums(now_of(ALPHA_ID)), ordered(ALPHA_ID)
    compare = relocating.require_same_rows

    def compare_and_be_taken_back(*args: object, **kwargs: object) -> None:
        compare(*args, **kwargs)
        undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="alpha")

    monkeypatch.setattr(relocating, "require_same_rows", compare_and_be_taken_back)

    state = advance_to_end(run.pk)

    assert (state, now_of(ALPHA_ID).database) == (RunState.UNDONE, DEFAULT)
    assert sums(now_of(ALPHA_ID)) == before
    assert schemas_on(EAST, _made_by(run)) == set()
    assert can_write()


def test_who_asks_to_take_it_back_when_it_has_switched_is_refused(furnished, monkeypatch):
    run = ordered(ALPHA_ID)
    refused: list[str] = []
    wait = relocating.followed_after

    def ask_meanwhile() -> object:
        with pytest.raises(RunNotReady) as refusal:
            undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="alpha")
        refused.append(refusal.value.message)
        return wait()

    monkeypatch.setattr(relocating, "followed_after", ask_meanwhile)

    state = advance_to_end(run.pk)

    assert (state, now_of(ALPHA_ID).database) == (RunState.DONE, EAST)
    assert "lives there by now" in refused[0]


def test_what_was_written_between_a_stop_and_the_retry_moves_too(furnished, monkeypatch, signs):
    run = ordered(ALPHA_ID)
    hang("once")
    with monkeypatch.context() as patch:
        patch.setattr(relocating, "switch_cluster", raising(_Refused))
        advance_to_end(run.pk)
    with tenant_scope(now_of(ALPHA_ID)):
        make_category("Meanwhile")
    first = serve(shard_of(ALPHA_ID), seconds=60)

    retry_run(actor=SYSTEM, run_id=run.public_id)
    advance_to_end(run.pk)

    assert (first, serve(shard_of(ALPHA_ID), seconds=60)) == (["done"], [])
    assert {"Meanwhile", "Sign once"} <= names()
    assert now_of(ALPHA_ID).database == EAST


@pytest.fixture
def stopped_and_moved_by_another(furnished, monkeypatch) -> Run:
    """A move that stopped, and was not gone on with: another one brought the organization there."""
    run = ordered(ALPHA_ID)
    with monkeypatch.context() as patch:
        patch.setattr(relocating, "switch_cluster", raising(_Refused))
        assert advance_to_end(run.pk) == RunState.FAILED
    moved(ALPHA_ID)
    return again(run)


def test_undoing_a_stopped_move_takes_nothing_from_where_another_has_brought_it(stopped_and_moved_by_another, signs):
    """The sweeper does it by itself a day later."""
    run, whole = stopped_and_moved_by_another, sums(now_of(ALPHA_ID))
    hang("waiting")

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="alpha")

    assert advance_to_end(run.pk) == RunState.UNDONE, again(run).error
    assert messages_on(EAST) == [MessageState.PENDING]
    assert sums(now_of(ALPHA_ID)) == whole
    assert schemas_on(EAST, _made_by(run)) == set()
    assert can_write()


def test_a_stopped_move_is_not_gone_on_with_when_another_has_brought_it_there(stopped_and_moved_by_another, signs):
    run, whole = stopped_and_moved_by_another, sums(now_of(ALPHA_ID))
    hang("waiting")

    retry_run(actor=SYSTEM, run_id=run.public_id)

    assert advance_to_end(run.pk) == RunState.FAILED
    assert "lives there already" in again(run).error
    assert messages_on(EAST) == [MessageState.PENDING]
    assert sums(now_of(ALPHA_ID)) == whole
    assert can_write()


def test_while_another_move_is_under_way_a_stopped_one_is_neither_undone_nor_gone_on_with(furnished, monkeypatch):
    run = ordered(ALPHA_ID)
    with monkeypatch.context() as patch:
        patch.setattr(relocating, "switch_cluster", raising(_Refused))
        advance_to_end(run.pk)
    ordered(ALPHA_ID)

    with pytest.raises(RunNotReady, match="by another run"):
        undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="alpha")
    with pytest.raises(RunNotReady, match="by another run"):
        retry_run(actor=SYSTEM, run_id=run.public_id)


class _Refused(RunNotReady):
    def __init__(self) -> None:
        super().__init__("It must not go on.")


def _made_by(run: Run) -> str:
    with platform_scope(reason="test"):
        return run.steps.get(name="elsewhere").result["schema"]
