"""A domain name system of a test's own: what it was told, and trouble on demand."""

from __future__ import annotations

from integrations.dns.resolver import RecordKind
from kernel.errors import TemporaryFailure


class FakeDns:
    """`zone` maps (name, kind) to texts; every name in `silent` gets no answer. `asked` remembers each question."""

    def __init__(self) -> None:
        self.zone: dict[tuple[str, RecordKind], tuple[str, ...]] = {}
        self.silent: set[str] = set()
        self.asked: list[tuple[str, RecordKind]] = []

    def set(self, name: str, kind: RecordKind, *values: str) -> None:
        """Put records in the place of those that were there; none takes them away."""
        self.zone[name, kind] = values

    def lookup(self, name: str, kind: RecordKind) -> tuple[str, ...]:
        """As `Dns.lookup`."""
        self.asked.append((name, kind))
        if name in self.silent:
            raise TemporaryFailure(f"DNS gave no answer for {kind} {name}: silent", code="dns_no_answer")
        return tuple(sorted(self.zone.get((name, kind), ())))
