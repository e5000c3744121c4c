"""What is refused about domains; nothing has changed then."""

from __future__ import annotations

from django.utils.functional import Promise

from kernel.errors import Conflict, DomainError, Invalid, NotFound


class HostRefused(DomainError):
    """This name cannot be brought along."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message, field="host")


class HostMalformed(HostRefused, Invalid):
    """It is no name of a host: an address, a URL, a wildcard, or letters that IDNA 2008 does not allow."""

    code = "host_malformed"


class HostReserved(HostRefused, Invalid):
    """It is the platform's own, or a name for special use (RFC 6761)."""

    code = "host_reserved"


class HostIsPublicSuffix(HostRefused, Invalid):
    """Below it everybody registers names, so nobody can own it."""

    code = "host_public_suffix"


class HostLooksAlike(HostRefused, Conflict):
    """It can be mistaken for the domain of the platform or of another organization."""

    code = "host_look_alike"


class HostTaken(HostRefused, Conflict):
    """Another organization has proven that it is theirs, and it is in use there."""

    code = "host_taken"


class SandboxHasNoDomains(HostRefused, Conflict):
    """A sandbox answers on the platform only: behind a domain of its own it would look like the marketplace."""

    code = "sandbox_has_no_domains"


class TooManyDomains(Conflict):
    """An organization holds as many as it can."""

    code = "too_many_domains"


class DomainNotFound(NotFound):
    """There is no such domain here."""

    code = "domain_not_found"


class DomainNotServed(Conflict):
    """What is asked for needs a domain that is proven and leads here."""

    code = "domain_not_served"


class HostNotConfirmed(Invalid):
    """What was typed is not the domain's name."""

    code = "host_not_confirmed"
