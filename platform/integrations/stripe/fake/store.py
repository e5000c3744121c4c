"""All that the local Stripe remembers: objects by kind in the order they were made, and when something is due."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import count

from integrations.stripe.fake.journal import Journal
from integrations.stripe.fake.refusals import Obj

# Kept beside the objects in the same way: answers under idempotency keys, and what concerns all.
KEY = "_key"
SETTINGS = "_settings"


class Store:
    """What was committed. Everything else works on copies (unit.py)."""

    def __init__(self, *, seed: str = "stoa", journal: Journal | None = None) -> None:
        self._seed = seed
        self._journal = journal
        self._kinds: dict[str, dict[str, Obj]] = defaultdict(dict)
        self._of_customer: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._due: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
        self._ticket = count()
        self.made = 0
        # Events that no webhook has told of yet, the oldest first.
        self.fresh: list[str] = []
        for kind, object_id, content in journal.load() if journal else ():
            self._keep(kind, object_id, content)
        settings = self._kinds[SETTINGS].setdefault("settings", {"offset": 0, "made": 0})
        self.made = int(settings["made"])
        self.fresh.extend(each for each, event in self._kinds["event"].items() if event.get("_waiting"))

    @property
    def settings(self) -> Obj:
        """The clock's offset, switches, and how many ids were given out."""
        return self._kinds[SETTINGS]["settings"]

    def next_id(self, prefix: str) -> str:
        """Another id; the same ones in the same order for the same seed."""
        self.made += 1
        return f"{prefix}_{sha256(f'{self._seed}:{self.made}'.encode()).hexdigest()[:24]}"

    def find(self, kind: str, object_id: str) -> Obj | None:
        """The object as it was committed: not to be changed."""
        return self._kinds[kind].get(object_id)

    def ids(self, kind: str, customer_id: str = "") -> Iterator[str]:
        """Ids of a kind, of one customer where they are named, the newest first."""
        found: Iterable[str] = self._of_customer[kind, customer_id] if customer_id else self._kinds[kind]
        return iter(list(reversed(list(found))))

    def commit(self, changed: Iterable[tuple[str, str, Obj | None]]) -> None:
        """Keep these; None is gone for good."""
        self.settings["made"] = self.made
        written = [*changed, (SETTINGS, "settings", self.settings)]
        for kind, object_id, content in written:
            if content is None:
                self._drop(kind, object_id)
            else:
                self._keep(kind, object_id, content)
        if self._journal:
            self._journal.write(written)

    def next_due(self, clock_id: str, until: int) -> tuple[int, str, str] | None:
        """The earliest thing that is due on a clock by `until`, taken off the list: when, kind, id."""
        heap = self._due[clock_id]
        while heap and heap[0][0] <= until:
            moment, _, kind, object_id = heapq.heappop(heap)
            content = self.find(kind, object_id)
            # What was put off or done in between stands there a second time.
            if content is not None and content.get("_due") == moment:
                return moment, kind, object_id
        return None

    def _keep(self, kind: str, object_id: str, content: Obj) -> None:
        before = self._kinds[kind].get(object_id)
        self._kinds[kind][object_id] = content
        customer = owner_of(content)
        if before is not None and owner_of(before) != customer:
            self._of_customer[kind, owner_of(before)].pop(object_id, None)
        if customer:
            self._of_customer[kind, customer][object_id] = None
        due = content.get("_due")
        if due is not None and (before is None or before.get("_due") != due or before is content):
            heapq.heappush(self._due[content.get("_clock", "")], (int(due), next(self._ticket), kind, object_id))

    def _drop(self, kind: str, object_id: str) -> None:
        content = self._kinds[kind].pop(object_id, None)
        if content is not None:
            self._of_customer[kind, owner_of(content)].pop(object_id, None)


def owner_of(content: Obj) -> str:
    """The customer that an object belongs to; empty for one without."""
    owner = content.get("customer") or content.get("_customer")
    return owner if isinstance(owner, str) else ""
