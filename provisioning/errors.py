"""What goes wrong while bringing an organization to life."""

from __future__ import annotations


class ProvisioningError(RuntimeError):
    """The machinery itself is at fault; nothing that a person typed."""


class SchemaExists(ProvisioningError):
    """A schema of that name is there already."""


class TemplateNotReplayable(ProvisioningError):
    """The template holds something that the script does not make; `provisioning.schemas.script` must learn it."""
