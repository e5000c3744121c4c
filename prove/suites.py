"""What is proved: an id of the report, and what holds when it has passed. The tests say by a mark to which id they belong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.isolation.mutants.registry import MUTANTS, OF_MUTANTS

TESTS: Final = Path(__file__).resolve().parent.parent / "tests"

SUITES: Final[Mapping[str, str]] = {
    "pages.looks": "axe finds nothing on any kind of page in any theme, light or dark, wide or narrow, and nothing sticks out.",
    "isolation.matrix": "No address of either host shows or changes anything of the twin, whoever asks in whatever method.",
    "isolation.replay": "No credential of one marketplace opens anything in its twin, or on the platform.",
    "isolation.hosts": "Nothing that a client sends but the host itself says which marketplace answers.",
    "isolation.soak": "Interleaved requests to many marketplaces on gunicorn's threads never carry anything of another.",
    "isolation.tasks": "One worker process that serves two marketplaces keeps them apart.",
    "isolation.sockets": "Sockets of two marketplaces in one process keep them apart.",
    "isolation.backend": "Connections, caches, files, sessions, signatures and tasks refuse the wrong tenant.",
    "isolation.mutants": "A guard that is missing is seen: each of many, written otherwise on purpose, turns its proof red.",
    "isolation.logs": "One act is told under one request, tenant and actor wherever it is worked at; no line holds a secret.",
    "isolation.wall": "A tenant's role reaches its own schema and nothing else, and has no right that is not on the list.",
    "races.bookings": "A time is sold once, and nobody who moves or answers at the same moment deadlocks.",
    "races.availability": "Hours that are set at once are those of one of the two, and stay on the clock they were set by.",
    "races.plans": "A plan's limit holds when everybody asks for the last place.",
    "races.metering": "What is used counts once and is told once, and no cap is passed, whoever races, dies or is told again.",
    "races.prices": "What has a price has it in the currency of its marketplace, though that is changed at the same moment.",
    "billing.lives": "Through crashes, lost answers and shuffled webhooks no subscription is charged twice or lost.",
    "races.names": "A name, an address and a title are given once.",
    "races.domains": "A domain that several prove, or look at, at the same moment is one's, and is looked at once.",
    "races.people": "A person, a role, an invitation and a way in are given once, and an owner is left.",
    "races.kernel": "Constraints, locks, ids and repeated requests decide for one of many.",
    "races.provisioning": "One schema goes to one organization, one run does each step once.",
    "faults.provisioning": "A worker killed or stopped at any moment leaves one whole organization, or nothing.",
    "faults.erasing": "A worker killed at any moment of erasing leaves nothing of it, and everything of its twin.",
    "faults.kills": "Each kind of run is killed at each boundary and every 25 ms: it ends whole, nothing double or left over.",
    "faults.fleet": "A migration that fails in one tenant of many, or is killed anywhere, leaves each schema whole.",
    "faults.domains": "Trouble of name servers, of our proxy or of our own records takes no domain away, nor anybody's turn.",
    "faults.jobs": "No job is lost, done by two at once, or held up by another tenant's, whatever dies or is flushed.",
    "faults.noise": "A crowd at one marketplace, or its thousands of jobs, hold up nobody beside it; who is too much is told.",
    "faults.outbox": "No event is lost or handled by two when workers die, stall or come back late.",
    "faults.rewinding": "From backup and WAL one marketplace comes back as it was at a minute; what is lacking is named.",
    "faults.pooler": "Behind a PgBouncer in transaction mode nothing starts; in session mode everything does.",
    "faults.postgres": "PostgreSQL restarts under load, gently or not: what was acknowledged is there, and nobody helps.",
    "faults.webhooks": "Stripe's events, forged, late, twice, backwards, lost or with workers that die, end in one state.",
    "faults.redis": "Redis stops, or forgets everything, while all is in use: the site sells, and nothing waits for it again.",
}
IDS: Final = frozenset(SUITES)


def files_of(suite_id: str) -> list[Path]:
    """The test modules with a mark of this suite, so that the others need not be imported; and the proofs of mutants."""
    mark = f'proves("{suite_id}")'
    marked = {file for file in TESTS.rglob("test_*.py") if mark in file.read_text(encoding="utf-8")}
    proofs = (
        {TESTS.parent / mutant.proof.partition("::")[0] for mutant in MUTANTS.values()} if suite_id == OF_MUTANTS else set()
    )
    return sorted(marked | proofs)
