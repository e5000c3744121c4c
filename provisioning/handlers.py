"""What follows when a marketplace has opened, in its own scope; and when a run has stopped, in the platform's."""

from __future__ import annotations

from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from integrations.mailer.answers import is_permanent
from kernel.errors import DomainError, TemporaryFailure
from kernel.ids import format_public_id
from provisioning.archives.services import begin_archive
from provisioning.doorbell import ring
from provisioning.events import OrganizationLive, RunFailed
from provisioning.models import Run
from provisioning.services import RUN_PREFIX
from provisioning.types import RunKind, RunState
from shared_apps.accounts.letterhead import sender
from shared_apps.archives.events import ArchiveOrdered
from shared_apps.archives.services import note_failed
from shared_apps.operators.selectors import emails_of_operators
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Action, Letter, Template
from tenants.scope import current_tenant
from themes.publishing import publish_theme


def publish_first_look(event: OrganizationLive) -> None:
    """Write the stylesheet and the brand's pictures as files (half a second). Twice: the same files again."""
    del event
    publish_theme()


def write_to_owner(event: OrganizationLive) -> None:
    """Send the owner the addresses of their marketplace and the way in. Twice: one letter."""
    tenant = current_tenant()
    if tenant.is_sandbox:
        # Nothing opened: a letter that says so would only wait there to be read.
        return
    with translation.override(tenant.language):
        letter = _letter()
    send_mail(key=f"{event.event_type}:{event.tenant_id}", to=event.owner_email, letter=letter, language=tenant.language)


def tell_operators(event: RunFailed) -> None:
    """Write to everybody who runs the platform that a run waits for them. Twice: a second letter, which harms nobody.

    Raises:
        TemporaryFailure: the mail server does not take it now.
    """
    run = Run.objects.filter(public_id=event.run_id, state__in=(RunState.FAILED, RunState.UNDO_FAILED)).first()
    if run is None:
        # Set going again, or taken back, before this was sent.
        return
    path = reverse("console_run", urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=[format_public_id(RUN_PREFIX, run.public_id)])
    subject = _("“%(name)s” waits for you") % {"name": " ".join(str(run.request["slug"]).split())}
    body = f"{event.error}\n\n{settings.PLATFORM_URL}{path}"
    for email in emails_of_operators():
        try:
            EmailMessage(subject, body, sender(), [email]).send()
        except (SMTPException, OSError) as error:
            if not is_permanent(error):
                raise TemporaryFailure(f"the mail server did not take it: {type(error).__name__}") from error


def write_ordered_archive(event: ArchiveOrdered) -> None:
    """Write down the run that writes an archive, and ring for it. Twice: the same run."""
    try:
        run = begin_archive(event.archive_id)
    except DomainError:
        # Organization and archive went meanwhile.
        return
    ring(run.pk)


def tell_who_ordered(event: RunFailed) -> None:
    """Let the page of whoever asked for an archive say that it failed. Twice: the same."""
    run = Run.objects.filter(public_id=event.run_id, kind=RunKind.ARCHIVE_ORGANIZATION).first()
    if run is not None:
        note_failed(UUID(hex=run.request["archive"]), error=event.error)


def _letter() -> Letter:
    tenant = current_tenant()
    return Letter(
        template=Template.ORGANIZATION_LIVE,
        subject=_("%(market)s is open") % {"market": tenant.name},
        preheader=_("Your marketplace is live at %(host)s.") % {"host": tenant.primary_host},
        status=_("Live"),
        tone="ok",
        heading=_("Your marketplace is open"),
        paragraphs=(
            _("%(market)s is live at %(address)s. Share the address: whoever has it can look around and book.")
            % {"market": tenant.name, "address": tenant.base_url},
            _("Next, invite the people whose time can be booked. They set their own hours and services."),
        ),
        # The walk begins at the marketplace, whose page gives this browser the challenge that the platform asks for.
        button=Action(_("Manage your marketplace"), f"{tenant.base_url}/enter/"),
        # Whoever has read this mail may choose the password of the account it belongs to.
        links=(Action(_("Choose a password"), f"{_password_page()}?first=1"),),
        footnote=_("The first days are free. We will write to you before they end."),
    )


def _password_page() -> str:
    return settings.PLATFORM_URL + reverse("account_reset_password", urlconf=settings.PUBLIC_SCHEMA_URLCONF)
