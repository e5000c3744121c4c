"""A proxy of a test's own: the certificates it was given."""

from __future__ import annotations

from integrations.tls.handshake import Certificate


class FakeProbe:
    """`certificates` maps names to what is shown for them; `looked` remembers who asked."""

    def __init__(self) -> None:
        self.certificates: dict[str, Certificate] = {}
        self.looked: list[str] = []

    def look(self, host: str) -> Certificate | None:
        """As `CertificateProbe.look`."""
        self.looked.append(host)
        return self.certificates.get(host)
