"""Looks at the certificate that our own proxy shows for a name."""

from integrations.tls.handshake import Certificate, CertificateProbe, configured_probe

__all__ = ["Certificate", "CertificateProbe", "configured_probe"]
