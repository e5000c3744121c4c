"""Providers: everybody (for who runs the marketplace), and one profile with its pictures and state."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.actor import Actor
from kernel.clock import now as clock_now
from kernel.errors import DomainError
from kernel.ids import format_public_id
from tenant_apps.backoffice.forms.marketplace import InviteProviderForm
from tenant_apps.backoffice.forms.profile import HeaderForm, LogoForm, ProfileForm, profile_values
from tenant_apps.backoffice.permissions import INVITE
from tenant_apps.backoffice.views.access import id_in, staff_page
from tenant_apps.members.selectors import open_invitations_for
from tenant_apps.members.services import invite_member, resend_invitation, revoke_invitation
from tenant_apps.members.types import Role
from tenant_apps.providers import services
from tenant_apps.providers.permissions import EDIT
from tenant_apps.providers.selectors import own_profile, profile_for_staff, providers_for_staff
from tenant_apps.providers.types import MAX_PICTURE_BYTES, PUBLIC_ID_PREFIX, PictureKind, ProviderProfile
from tenants.scope import current_tenant
from webui.forms import StoaForm, add_domain_error
from webui.htmx import add_toast, redirect_to, render_page

_LONGEST_SEARCH = 100
_PICTURES = {"logo": (PictureKind.LOGO, LogoForm), "header_image": (PictureKind.HEADER, HeaderForm)}


@require_safe
@staff_page
def providers(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everybody who offers something here, and who is invited."""
    return _list(request, actor, InviteProviderForm())


@require_POST
@staff_page
def invite(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Invite somebody by mail to offer something here."""
    form = InviteProviderForm(request.POST)
    if not form.is_valid():
        return _list(request, actor, form, status=422)
    try:
        invite_member(actor=actor, email=form.cleaned_data["email"], name=form.cleaned_data["name"], role=Role.PROVIDER)
    except DomainError as error:
        add_domain_error(form, error)
        return _list(request, actor, form, status=error.http_status)
    add_toast(request, _("An invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]})
    return redirect_to(request, reverse("backoffice_providers"))


@require_POST
@staff_page
def resend(request: HttpRequest, actor: Actor, invitation_id: str) -> HttpResponse:
    """Send an invitation again."""
    resend_invitation(actor=actor, invitation_id=id_in("inv", invitation_id))
    add_toast(request, _("The invitation is on its way again."))
    return redirect_to(request, reverse("backoffice_providers"))


@require_POST
@staff_page
def revoke(request: HttpRequest, actor: Actor, invitation_id: str) -> HttpResponse:
    """Withdraw an invitation: its link stops working."""
    revoke_invitation(actor=actor, invitation_id=id_in("inv", invitation_id))
    add_toast(request, _("The invitation is withdrawn."))
    return redirect_to(request, reverse("backoffice_providers"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def provider(request: HttpRequest, actor: Actor, provider_id: str) -> HttpResponse:
    """One profile: one's own, or anybody's for who runs the marketplace."""
    profile = profile_for_staff(id_in(PUBLIC_ID_PREFIX, provider_id), actor=actor)
    if request.method != "POST":
        return _profile_page(request, actor, profile, _profile_form(profile))
    form = _profile_form(profile, request)
    if not form.is_valid():
        return _profile_page(request, actor, profile, form, status=422)
    try:
        services.update_profile(actor=actor, provider_id=profile.id, **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error)
        return _profile_page(request, actor, profile, form, status=error.http_status)
    add_toast(request, _("Saved."))
    return redirect_to(request, _url(profile))


@require_safe
@staff_page
def own(request: HttpRequest, actor: Actor) -> HttpResponse:
    """To one's own profile; who has none is told what one is for."""
    profile = own_profile(actor)
    if profile is not None:
        return redirect_to(request, _url(profile))
    return render_page(request, "backoffice/no_profile.html", {"may_create": actor.can(EDIT)})


@require_POST
@staff_page
def create_own(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Start a profile of one's own: an owner who also offers something."""
    person = request.user
    assert person.is_authenticated  # behind `staff_page`
    profile = services.create_provider(actor=actor, display_name=person.name, user_id=actor.user_id)
    add_toast(request, _("Here is your page. Fill it in, then publish it."))
    return redirect_to(request, _url(profile))


@require_POST
@staff_page
def publish(request: HttpRequest, actor: Actor, provider_id: str) -> HttpResponse:
    """Show the profile to visitors."""
    profile = profile_for_staff(id_in(PUBLIC_ID_PREFIX, provider_id), actor=actor)
    try:
        services.publish_profile(actor=actor, provider_id=profile.id)
    except DomainError as error:
        form = _profile_form(profile, values=profile_values(profile))
        form.is_valid()
        add_domain_error(form, error)
        return _profile_page(request, actor, profile, form, status=error.http_status)
    pause_url = reverse("backoffice_provider_pause", args=[provider_id])
    add_toast(request, _("%(name)s can be found and booked now.") % {"name": profile.name}, undo_url=pause_url)
    return redirect_to(request, _url(profile))


@require_POST
@staff_page
def pause(request: HttpRequest, actor: Actor, provider_id: str) -> HttpResponse:
    """Take the profile off sale for a while."""
    profile = services.pause_profile(actor=actor, provider_id=id_in(PUBLIC_ID_PREFIX, provider_id))
    publish_url = reverse("backoffice_provider_publish", args=[provider_id])
    add_toast(request, _("%(name)s is paused. Bookings made stand.") % {"name": profile.name}, undo_url=publish_url)
    return redirect_to(request, _url(profile))


@require_POST
@staff_page
def picture(request: HttpRequest, actor: Actor, provider_id: str, column: str) -> HttpResponse:
    """Replace or remove a picture."""
    profile = profile_for_staff(id_in(PUBLIC_ID_PREFIX, provider_id), actor=actor)
    kind, form_class = _PICTURES[column]
    if request.POST.get("remove"):
        services.remove_picture(actor=actor, provider_id=profile.id, kind=kind)
        add_toast(request, _("The picture is removed."))
        return redirect_to(request, _url(profile))
    form = form_class(request.POST, request.FILES)
    if not form.is_valid():
        return _profile_page(request, actor, profile, _profile_form(profile), pictures={column: form}, status=422)
    # One byte more than is allowed is enough to know that it is too much.
    upload = form.cleaned_data[column].read(MAX_PICTURE_BYTES + 1)
    change = services.set_logo if kind is PictureKind.LOGO else services.set_header_image
    try:
        change(actor=actor, provider_id=profile.id, upload=upload)
    except DomainError as error:
        add_domain_error(form, error)
        return _profile_page(request, actor, profile, _profile_form(profile), pictures={column: form}, status=error.http_status)
    add_toast(request, _("The picture is in place."))
    return redirect_to(request, _url(profile))


def _list(request: HttpRequest, actor: Actor, form: InviteProviderForm, *, status: int = 200) -> HttpResponse:
    search = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    cursor = request.GET.get("after") or request.GET.get("before") or None
    now = clock_now()
    waiting = [row for row in open_invitations_for(actor) if row.role == Role.PROVIDER]
    context = {
        "list": providers_for_staff(actor=actor, search=search, cursor=cursor),
        "search": search,
        "form": form,
        "may_invite": actor.can(INVITE),
        "invitations": [(format_public_id("inv", row.public_id), row, row.expires_at <= now) for row in waiting],
    }
    return render_page(request, "backoffice/providers.html", context, status=status)


def _profile_form(
    profile: ProviderProfile, request: HttpRequest | None = None, *, values: dict[str, str] | None = None
) -> ProfileForm:
    address = f"{current_tenant().primary_host}/providers/"
    typed = request.POST if request else values
    return ProfileForm(typed, initial=profile_values(profile), address=address)


def _profile_page(
    request: HttpRequest,
    actor: Actor,
    profile: ProviderProfile,
    form: ProfileForm,
    *,
    pictures: dict[str, StoaForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    forms = {"logo": LogoForm(), "header_image": HeaderForm()} | (pictures or {})
    context = {
        "profile": profile,
        "form": form,
        "logo_form": forms["logo"],
        "header_form": forms["header_image"],
        "is_own": profile.user_id is not None and profile.user_id == actor.user_id,
    }
    return render_page(request, "backoffice/provider.html", context, status=status)


def _url(profile: ProviderProfile) -> str:
    return reverse("backoffice_provider", args=[profile.public_id])
