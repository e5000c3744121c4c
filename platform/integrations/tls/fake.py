"""A proxy of a test's own: the certificates it was given."""

from __future__ import annotations

from integrations.tls.handshake import Certificate
from kernel.errors import TemporaryFailure


class FakeProbe:
    """`certificates` maps names to what is shown for them; `looked` remembers who asked. `is_away`: nobody is told anything."""

    def __init__(self) -> None:
        self.certificates: dict[str, Certificate] = {}
        self.looked: list[str] = []
        self.is_away = False

    def look(self, host: str) -> Certificate | None:
        """As `CertificateProbe.look`."""
        self.looked.append(host)
        if self.is_away:
            raise TemporaryFailure("our proxy is away", code="edge_away")
        return self.certificates.get(host)
