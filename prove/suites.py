"""What is proved: an id of the report, and the tests behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Suite:
    """Paths for pytest; `-k` narrows them where one file holds more than races."""

    id: str
    paths: tuple[str, ...]
    only: str = ""


SUITES: Final = (
    Suite("isolation.matrix", ("tests/isolation/test_matrix.py",)),
    Suite("isolation.replay", ("tests/isolation/test_replay.py",)),
    Suite("isolation.hosts", ("tests/isolation/test_hosts.py",)),
    Suite("isolation.soak", ("tests/isolation/soak",)),
    Suite("isolation.tasks", ("tests/isolation/workers",)),
    Suite("isolation.sockets", ("tests/isolation/test_sockets.py",)),
    Suite("isolation.backend", ("tests/tenants",)),
    Suite("races.bookings", ("tests/bookings/test_races.py",)),
    Suite("races.availability", ("tests/availability/test_setting_hours_at_once.py",)),
    Suite("races.plans", ("tests/plans", "tests/members/test_seats.py"), only="race or once or same"),
    Suite("faults.provisioning", ("tests/provisioning",), only="not fleet and (kill or race or once or lease or sweep)"),
    Suite("fleet.migrations", ("tests/provisioning/fleet",), only="not fingerprint"),
    Suite("faults.outbox", ("tests/kernel/test_outbox_relay.py", "tests/kernel/test_outbox_upkeep.py")),
)
