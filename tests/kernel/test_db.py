"""An insert that loses to a constraint says so without an error, and a winner is as if saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import IntegrityError, connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, Q
from django.db.models.functions import Abs, Now
from django.test.utils import isolate_apps

from kernel.db import insert_or_none, insertion_of
from kernel.ids import new_id
from tenants.scope import owner_scope

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def hours(start: int, end: int) -> DateTimeTZRange:
    return DateTimeTZRange(NOON + timedelta(hours=start), NOON + timedelta(hours=end))


@pytest.fixture
def slot_model(committed) -> Iterator[type[models.Model]]:
    """A model with each sort of constraint, and values that Python, `pre_save` and the database fill in."""
    with isolate_apps("kernel.outbox"):

        class Slot(models.Model):
            public_id = models.UUIDField(unique=True, default=new_id)
            room = models.IntegerField()
            during = DateTimeRangeField()
            is_live = models.BooleanField(default=True)
            seats = models.IntegerField(default=1)
            made_at = models.DateTimeField(auto_now_add=True)
            stamped_at = models.DateTimeField(db_default=Now())
            double = models.GeneratedField(expression=F("seats") * 2, output_field=models.IntegerField(), db_persist=True)

            class Meta:
                app_label = "outbox"
                db_table = "slot"
                constraints = (
                    ExclusionConstraint(
                        name="slot_once",
                        expressions=[("room", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                        condition=Q(is_live=True),
                    ),
                    models.CheckConstraint(condition=Q(seats__gt=0), name="slot_seats"),
                )

        with owner_scope(reason="test"), connection.schema_editor() as editor:
            editor.create_model(Slot)
        yield Slot
        with owner_scope(reason="test"), connection.schema_editor() as editor:
            editor.delete_model(Slot)


def test_a_winner_is_as_if_saved(slot_model) -> None:
    slot = insert_or_none(slot_model(room=1, during=hours(0, 1), seats=3))

    stored = slot_model.objects.get()
    assert slot.pk == stored.pk
    assert slot._state.adding is False
    assert slot.public_id == stored.public_id
    assert (slot.double, stored.double) == (6, 6)
    assert slot.stamped_at == stored.stamped_at
    assert slot.made_at == stored.made_at
    assert stored.during == hours(0, 1)


def test_a_winner_can_be_saved_again(slot_model) -> None:
    slot = insert_or_none(slot_model(room=1, during=hours(0, 1)))

    slot.seats = 5
    slot.save(update_fields=["seats"])

    assert slot_model.objects.get().seats == 5


def test_a_value_that_the_database_computes_comes_back(slot_model) -> None:
    slot = insert_or_none(slot_model(room=1, during=hours(0, 1), seats=Abs(models.Value(-7))))

    assert (slot.seats, slot.double) == (7, 14)


@pytest.mark.parametrize("rival", [(0, 1), (0, 3), (-1, 1), (-5, 5)])
def test_a_loser_to_the_exclusion_constraint_is_told_and_the_transaction_goes_on(slot_model, rival: tuple[int, int]) -> None:
    insert_or_none(slot_model(room=1, during=hours(0, 1)))

    with transaction.atomic():
        loser = slot_model(room=1, during=hours(*rival))
        assert insert_or_none(loser) is None
        assert insert_or_none(slot_model(room=2, during=hours(*rival))) is not None

    assert (loser.pk, loser._state.adding) == (None, True)
    assert slot_model.objects.count() == 2


def test_a_loser_to_a_unique_constraint_is_told(slot_model) -> None:
    first = insert_or_none(slot_model(room=1, during=hours(0, 1)))

    assert insert_or_none(slot_model(room=2, during=hours(0, 1), public_id=first.public_id)) is None


def test_neighbours_and_what_is_no_longer_live_do_not_conflict(slot_model) -> None:
    insert_or_none(slot_model(room=1, during=hours(0, 1), is_live=False))

    assert insert_or_none(slot_model(room=1, during=hours(0, 1))) is not None
    assert insert_or_none(slot_model(room=1, during=hours(1, 2))) is not None


def test_a_loser_may_try_again_elsewhere(slot_model) -> None:
    insert_or_none(slot_model(room=1, during=hours(0, 1)))
    slot = slot_model(room=1, during=hours(0, 1))
    insert_or_none(slot)

    slot.room = 2

    assert insert_or_none(slot) is slot
    assert slot_model.objects.get(room=2).pk == slot.pk


def test_a_broken_check_is_still_an_error(slot_model) -> None:
    with pytest.raises(IntegrityError, match="slot_seats"):
        insert_or_none(slot_model(room=1, during=hours(0, 1), seats=0))


def test_an_ordinary_save_is_not_changed_by_it(slot_model) -> None:
    slot = slot_model(room=1, during=hours(0, 1))
    insert_or_none(slot)

    with pytest.raises(IntegrityError, match="slot_once"):
        slot_model(room=1, during=hours(0, 1)).save()


def test_a_key_that_is_made_in_python_tells_winner_from_loser_too(committed) -> None:
    with isolate_apps("kernel.outbox"):

        class Token(models.Model):
            id = models.UUIDField(primary_key=True, default=new_id)
            name = models.TextField(unique=True)

            class Meta:
                app_label = "outbox"
                db_table = "token"

    with owner_scope(reason="test"), connection.schema_editor() as editor:
        editor.create_model(Token)

    assert insert_or_none(Token(name="a")) is not None
    assert insert_or_none(Token(name="a")) is None
    assert Token.objects.count() == 1
    with owner_scope(reason="test"), connection.schema_editor() as editor:
        editor.delete_model(Token)


def test_a_model_in_several_tables_is_refused(committed) -> None:
    with isolate_apps("kernel.outbox"):

        class Parent(models.Model):
            class Meta:
                app_label = "outbox"

        class Child(Parent):
            class Meta:
                app_label = "outbox"

    with pytest.raises(TypeError, match="several tables"):
        insert_or_none(Child())


@pytest.mark.proves("races.kernel")
def test_of_many_racers_for_one_slot_one_wins_and_none_gets_an_error(slot_model, race) -> None:
    results = race(20, lambda number: insert_or_none(slot_model(room=1, during=hours(0, 1), seats=number + 1)))

    assert Counter(type(result) for result in results) == {slot_model: 1, type(None): 19}
    assert slot_model.objects.count() == 1


@pytest.mark.control
@pytest.mark.proves("races.kernel")
def test_without_the_constraint_they_would_all_win(slot_model, race) -> None:
    """The negative control of the test above."""
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE slot DROP CONSTRAINT slot_once")

    results = race(20, lambda _number: insert_or_none(slot_model(room=1, during=hours(0, 1))))

    assert Counter(type(result) for result in results) == {slot_model: 20}


def _inserted_beside(slot) -> tuple[int, object]:
    """What one statement gives back that inserts `slot` and does something else: how many rows, and the primary key."""
    kept, values = insertion_of(slot)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH kept AS ({kept}) SELECT * FROM kept", values)
        rows = cursor.fetchall()
    return len(rows), rows[0][0] if rows else None


def test_an_insertion_within_a_statement_of_ones_own_is_as_a_save(slot_model) -> None:
    with time_machine.travel(NOON, tick=False):
        count, pk = _inserted_beside(slot_model(room=1, during=hours(0, 1), seats=3))

    kept = slot_model.objects.get()
    assert (count, pk) == (1, kept.pk)
    assert (kept.room, kept.during, kept.seats, kept.double, kept.made_at) == (1, hours(0, 1), 3, 6, NOON)
    assert kept.stamped_at is not None


def test_such_an_insertion_that_comes_second_gives_nothing_and_leaves_the_transaction_whole(slot_model) -> None:
    with transaction.atomic():
        first = _inserted_beside(slot_model(room=1, during=hours(0, 2)))
        second = _inserted_beside(slot_model(room=1, during=hours(1, 3)))
        third = _inserted_beside(slot_model(room=2, during=hours(1, 3)))

    assert [count for count, _ in (first, second, third)] == [1, 0, 1]
    assert sorted(slot_model.objects.values_list("room", flat=True)) == [1, 2]
