"""Questions to the domain name system: an interface, dnspython behind it, and a fake beside it."""

from integrations.dns.resolver import Dns, RecordKind, configured_dns, server_address

__all__ = ["Dns", "RecordKind", "configured_dns", "server_address"]
