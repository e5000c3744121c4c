"""Ids are unique, grow with time, look random, and have one text each."""

import base64
import subprocess
import sys
import threading
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st

from kernel import ids
from kernel.errors import Invalid
from tests.factories.racing import after_everybody

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def milliseconds_of(value: UUID) -> int:
    return value.int >> 80


def test_an_id_is_a_version_7_uuid_that_carries_its_time() -> None:
    with time_machine.travel(NOON, tick=False):
        value = ids.Uuid7Generator()()

    assert value.version == 7
    assert value.variant == uuid4().variant
    assert milliseconds_of(value) == int(NOON.timestamp() * 1000)


def test_ids_grow_while_the_clock_stands_still() -> None:
    make = ids.Uuid7Generator()

    with time_machine.travel(NOON, tick=False):
        made = [make() for _ in range(5_000)]

    assert made == sorted(set(made))


def test_ids_grow_when_the_clock_is_set_back_a_little() -> None:
    make = ids.Uuid7Generator()
    with time_machine.travel(NOON, tick=False):
        before = make()

    with time_machine.travel(NOON - timedelta(seconds=5), tick=False):
        after = make()

    assert after > before


def test_the_clock_is_believed_again_when_it_is_set_back_a_lot() -> None:
    make = ids.Uuid7Generator()
    with time_machine.travel(NOON, tick=False):
        make()

    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        after = make()

    assert milliseconds_of(after) == int((NOON - timedelta(hours=1)).timestamp() * 1000)


def test_the_next_id_cannot_be_counted_to_from_the_last() -> None:
    make = ids.Uuid7Generator()

    with time_machine.travel(NOON, tick=False):
        made = [make() for _ in range(200)]

    steps = {later.int - earlier.int for earlier, later in pairwise(made)}
    assert len(steps) == 199


def test_ids_stay_in_order_when_the_random_part_runs_over(monkeypatch: pytest.MonkeyPatch) -> None:
    make = ids.Uuid7Generator()
    monkeypatch.setattr(ids.secrets, "randbits", lambda bits: (1 << bits) - 1)

    with time_machine.travel(NOON, tick=False):
        last, over = make(), make()

    assert milliseconds_of(over) == milliseconds_of(last) + 1
    assert over.version == 7


@pytest.mark.proves("races.kernel")
def test_threads_never_get_the_same_id_and_each_sees_its_own_grow() -> None:
    make = ids.Uuid7Generator()
    made: list[list[UUID]] = [[] for _ in range(8)]
    start = threading.Barrier(len(made))

    def run(own: list[UUID]) -> None:
        start.wait()
        own.extend(make() for _ in range(2_000))

    threads = [threading.Thread(target=run, args=(own,)) for own in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({value for own in made for value in own}) == 16_000
    assert all(own == sorted(own) for own in made)


@pytest.mark.control
@pytest.mark.proves("races.kernel")
def test_without_the_lock_two_threads_get_one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: both count on from the same last id."""
    make, made = ids.Uuid7Generator(), []
    monkeypatch.setattr(make, "_lock", nullcontext())
    with time_machine.travel(NOON, tick=False):
        make()
        monkeypatch.setattr(ids.secrets, "randbits", after_everybody(2, lambda _bits: 1))

        threads = [threading.Thread(target=lambda: made.append(make())) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(made) == 2
    assert len(set(made)) == 1


FORKING = """
import os
from kernel import clock, ids

clock.epoch_milliseconds = lambda: 1_780_315_200_000
ids.new_id()
reader, writer = os.pipe()
if os.fork() == 0:
    os.write(writer, ids.new_id().bytes)
    os._exit(0)
os.wait()
print(abs(ids.new_id().int - int.from_bytes(os.read(reader, 16))))
"""


def test_a_forked_worker_does_not_count_on_from_its_parent() -> None:
    # In a process of its own: this one has threads, and a fork of those is a gamble.
    distance = subprocess.check_output([sys.executable, "-c", FORKING], text=True)

    # Counted on from one number, the two would be less than a step of 40 bits apart.
    assert int(distance) > 1 << 48


def test_the_first_id_of_a_moment_divides_earlier_ids_from_later_ones() -> None:
    make = ids.Uuid7Generator()
    with time_machine.travel(NOON - timedelta(milliseconds=1), tick=False):
        before = make()
    with time_machine.travel(NOON, tick=False):
        after = make()

    assert before < ids.first_id_at(NOON) <= after


@given(st.uuids())
def test_a_public_id_is_its_prefix_and_the_number_in_base_32(value: UUID) -> None:
    standard = base64.b32encode(value.int.to_bytes(20)).decode()[6:]
    crockford = standard.translate(str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghjkmnpqrstvwxyz"))

    assert ids.format_public_id("bkg", value) == f"bkg_{crockford}"


def test_a_fresh_public_id_can_be_read_back() -> None:
    text = ids.public_id("bkg")

    assert ids.parse_public_id("bkg", text).version == 7


@given(st.uuids())
@example(UUID(int=0))
@example(UUID(int=2**128 - 1))
def test_every_uuid_survives_the_round_trip(value: UUID) -> None:
    assert ids.parse_public_id("bkg", ids.format_public_id("bkg", value)) == value


@given(st.uuids(), st.uuids())
def test_texts_sort_as_the_ids_do(first: UUID, second: UUID) -> None:
    texts = ids.format_public_id("bkg", first), ids.format_public_id("bkg", second)

    assert (texts[0] < texts[1]) == (first < second)


@given(st.text(alphabet="0123456789abcdefghjkmnpqrstvwxyzilouABC_-", min_size=24, max_size=28))
def test_whatever_is_read_would_be_written_the_same(body: str) -> None:
    try:
        value = ids.parse_public_id("bkg", f"bkg_{body}")
    except Invalid:
        return

    assert ids.format_public_id("bkg", value) == f"bkg_{body}"


GOOD = "01k8zny3007000800000000000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bkg",
        "bkg_",
        GOOD,
        f"svc_{GOOD}",
        f"BKG_{GOOD}",
        f"bkg_{GOOD.upper()}",
        f"bkg_{GOOD[:-1]}",
        f"bkg_{GOOD}0",
        f"bkg_8{GOOD[1:]}",
        f"bkg_o1{GOOD[2:]}",
        f"bkg_{GOOD[:-1]}u",
        f"bkg_{GOOD}\n",
        f" bkg_{GOOD}",
        f"bkg-{GOOD}",
        f"bkg_{GOOD[:-1]}٠",
    ],
)
def test_a_text_that_is_not_exactly_an_id_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        ids.parse_public_id("bkg", text)


@pytest.mark.parametrize("prefix", ["", "b", "Bkg", "bk_g", "bkg9", "averylongone"])
def test_a_prefix_is_a_few_small_letters(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        ids.public_id(prefix)
