"""Settings, sandbox: made, made anew, removed, shared; and in the sandbox the mail that would have left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kernel import clock
from kernel.actor import Actor
from kernel.errors import DomainError
from kernel.ids import format_public_id
from provisioning.models import KeptMail
from provisioning.run_reading import RunPicture, picture_of
from provisioning.sandboxes.ordering import MANAGE, order_sandbox, remove_sandbox
from provisioning.sandboxes.promoting.reading import APPLIED
from provisioning.sandboxes.promoting.words import PART_NAMES
from provisioning.sandboxes.selectors import (
    MAIL_PREFIX,
    Promotion,
    kept_mail_for,
    kept_mails_for,
    latest_clone,
    promotions_of,
    sandbox_of,
)
from provisioning.sandboxes.sharing import LINK_LIFE, cookie_name, link_to, opens
from provisioning.steps.promoting import UNDOABLE_FOR
from provisioning.types import RunState
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.confirming import confirm_by_name
from tenant_apps.backoffice.views.gate import act, form_page, id_in, page
from tenants.hosts import context_for
from tenants.scope import current_tenant
from tenants.types import TenantStatus
from webui.htmx import add_toast, redirect_to, render_page


class _Act(Protocol):
    """What is done to a marketplace's sandbox when its name was typed."""

    def __call__(self, *, actor: Actor, tenant_id: UUID, confirmed_name: str) -> object: ...


_SHOWN: Final = 10
_MAILS: Final = 25


@page(MANAGE)
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What a sandbox is for, the one there is, how far one is that is being made; in a sandbox, whose it is."""
    tenant = current_tenant()
    if tenant.sandbox_of is not None:
        source = context_for(tenant.sandbox_of)
        context = {"desk": desk, "section": "sandbox", "source": source, "share_link": link_to(tenant)}
        return render(request, "provisioning/sandbox/inside.html", context)
    standing, making = sandbox_of(tenant.id), _making(tenant.id)
    promotions = _lines(promotions_of(tenant.id, limit=_SHOWN))
    is_open = standing is not None and standing.status == TenantStatus.ACTIVE
    sandbox = standing.as_context() if standing is not None and is_open else None
    context = {
        "desk": desk,
        "section": "sandbox",
        "sandbox": sandbox,
        "made_at": standing.created_at if standing is not None else None,
        "share_link": "" if sandbox is None else link_to(sandbox),
        "making": making,
        "steps": [] if making is None else making.lines_for_visitors(),
        "promotions": promotions,
        # The page asks again while somebody is at work on what it shows.
        "is_busy": any(run.is_active for run in [*filter(None, [making]), *(line.run for line in promotions)]),
    }
    return render_page(request, "provisioning/sandbox/home.html", context, partial="live")


@act(MANAGE)
def make(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask for the first one; there is nothing to lose yet."""
    try:
        order_sandbox(actor=desk.actor, tenant_id=current_tenant().id)
    except DomainError as error:
        add_toast(request, error.message, kind="warn")
    else:
        add_toast(request, _("Your sandbox is being made. You may close this page: it goes on without you."))
    return redirect_to(request, reverse("sandbox:home"))


@form_page(MANAGE)
def renew(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask for the sandbox's name, then for a fresh one in its place."""
    return _asked(request, desk, "renew", order_sandbox, done=_("A fresh sandbox is being made."))


@form_page(MANAGE)
def remove(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask for the sandbox's name, then take it away."""
    return _asked(request, desk, "remove", remove_sandbox, done=_("The sandbox is being removed."))


def _asked(request: HttpRequest, desk: Desk, page_name: str, act_on: _Act, *, done: str) -> HttpResponse:
    """Go on with what loses the sandbox only when its name was typed; the service judges that."""
    tenant_id = current_tenant().id
    standing = sandbox_of(tenant_id)
    if standing is None:
        raise Http404
    return confirm_by_name(
        request,
        desk,
        f"provisioning/sandbox/{page_name}.html",
        name=standing.slug,
        destroy=lambda typed: act_on(actor=desk.actor, tenant_id=tenant_id, confirmed_name=typed),
        done=done,
        back=reverse("sandbox:home"),
        section="sandbox",
    )


@page(MANAGE)
def mail(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What this sandbox would have sent, the newest first."""
    tenant = _in_sandbox()
    found = kept_mails_for(
        actor=desk.actor, tenant_id=tenant, cursor=request.GET.get("after") or request.GET.get("before"), limit=_MAILS
    )
    context = {
        "desk": desk,
        "section": "sandbox",
        "page": found,
        "rows": [(letter, format_public_id(MAIL_PREFIX, letter.public_id)) for letter in found.rows],
    }
    return render(request, "provisioning/sandbox/mail.html", context)


@page(MANAGE)
def letter(request: HttpRequest, desk: Desk, mail_id: str) -> HttpResponse:
    """One letter, as text: nothing in it is taken for markup, and nothing is fetched."""
    found: KeptMail = kept_mail_for(actor=desk.actor, tenant_id=_in_sandbox(), mail_id=id_in(MAIL_PREFIX, mail_id))
    return render(request, "provisioning/sandbox/letter.html", {"desk": desk, "section": "sandbox", "letter": found})


@never_cache
@require_safe
def look(request: HttpRequest, token: str) -> HttpResponse:
    """Let this browser look around for as long as the link lives. A GET that changes nothing here but the browser's cookie."""
    if not current_tenant().is_sandbox or not opens(token):
        raise Http404
    response = HttpResponseRedirect("/")
    response["Referrer-Policy"] = "no-referrer"
    response.set_cookie(cookie_name(), token, max_age=LINK_LIFE, secure=request.is_secure(), httponly=True, samesite="Lax")
    return response


@dataclass(frozen=True, slots=True)
class _PromotionLine:
    """One promotion as the page lists it."""

    promotion: Promotion
    run: RunPicture
    part_names: str
    is_undoable: bool


def _lines(promotions: Sequence[Promotion]) -> list[_PromotionLine]:
    """The newest first. Only the last one that changed something can be put back: what came after it stands on it."""
    last = next((one.run.pk for one in promotions if one.outcome == APPLIED and one.run.state != RunState.UNDONE), None)
    return [_line(promotion, is_last=promotion.run.pk == last) for promotion in promotions]


def _line(promotion: Promotion, *, is_last: bool) -> _PromotionLine:
    run = picture_of(promotion.run)
    parts = str(promotion.run.request.get("parts", "")).split(",")
    names = get_text_list([str(PART_NAMES[part]) for part in parts if part in PART_NAMES], _("and"))
    is_undoable = is_last and run.is_done and run.ended_within(UNDOABLE_FOR, clock.now())
    return _PromotionLine(promotion, run, names, is_undoable)


def _making(tenant_id: UUID) -> RunPicture | None:
    """The run that makes a sandbox, or failed to; None when the last one was made, or taken back."""
    run = latest_clone(tenant_id)
    picture = None if run is None else picture_of(run)
    is_over = picture is None or picture.is_done or picture.run.state == RunState.UNDONE
    return None if is_over else picture


def _in_sandbox() -> UUID:
    tenant = current_tenant()
    if not tenant.is_sandbox:
        raise Http404
    return tenant.id
