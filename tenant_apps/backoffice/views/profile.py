"""A provider's profile: written, shown, taken down for a while."""

from __future__ import annotations

from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from tenant_apps.backoffice.forms.profile import ProfileForm
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import act, blame, form_page, provider_at, refusal, wants_publishing
from tenant_apps.providers.selectors import missing_to_publish
from tenant_apps.providers.services import pause_profile, publish_profile, save_profile
from tenant_apps.providers.types import ProviderProfile, ProviderStatus
from tenants.scope import current_tenant
from webui.htmx import add_toast, redirect_to

_TEXTS = ("display_name", "slug", "headline", "bio", "location", "tags", "time_zone")


@form_page()
def edit(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """All of a profile on one page; one of its buttons publishes it, too, as it is typed."""
    profile = provider_at(desk, provider_id)
    form = _form(request, desk, profile)
    if request.method != "POST":
        return _page(request, desk, profile, form)
    if not form.is_valid():
        return _page(request, desk, profile, form, status=422)
    saved: list[ProviderProfile] = []
    refused = refusal(form, lambda: saved.append(_save(desk, profile, form)))
    if refused is not None:
        return _page(request, desk, profile, form, status=refused)
    if not wants_publishing(request):
        add_toast(request, _("The profile is saved."))
        return _back(request, profile)
    refused = refusal(form, lambda: publish_profile(actor=desk.actor, provider_id=profile.id))
    if refused is not None:
        add_toast(request, _("The profile is saved, but not published."), kind="warn")
        # Of what is saved: what was missing before it is not missing now.
        return _page(request, desk, saved[0], form, status=refused)
    return _published(request, profile)


@act()
def publish(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """Show it to visitors as it is saved: undo of a pause; what is missing is said beside its field."""
    profile = provider_at(desk, provider_id)
    form = _unsent_form(desk, profile)
    try:
        publish_profile(actor=desk.actor, provider_id=profile.id)
    except DomainError as error:
        if error.field not in form.fields:
            raise
        blame(form, error)
        return _page(request, desk, profile, form, status=error.http_status)
    return _published(request, profile)


@act()
def pause(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """Take it out of the lists; bookings made stand."""
    profile = provider_at(desk, provider_id)
    pause_profile(actor=desk.actor, provider_id=profile.id)
    undo_url = reverse("backoffice:profile_publish", args=[profile.public_id])
    add_toast(request, _("The page is paused: nobody can book until it is published again."), undo_url=undo_url)
    return _back(request, profile)


def _form(request: HttpRequest, desk: Desk, profile: ProviderProfile) -> ProfileForm:
    if request.method != "POST":
        return _unsent_form(desk, profile)
    host, is_shown = current_tenant().primary_host, profile.is_live or wants_publishing(request)
    return ProfileForm(request.POST, request.FILES, actor=desk.actor, profile=profile, host=host, is_shown=is_shown)


def _unsent_form(desk: Desk, profile: ProviderProfile) -> ProfileForm:
    return ProfileForm(actor=desk.actor, profile=profile, host=current_tenant().primary_host)


def _save(desk: Desk, profile: ProviderProfile, form: ProfileForm) -> ProviderProfile:
    texts = {name: form.cleaned_data[name] for name in _TEXTS}
    return save_profile(actor=desk.actor, provider_id=profile.id, pictures=form.pictures, **texts)


def _published(request: HttpRequest, profile: ProviderProfile) -> HttpResponse:
    undo_url = reverse("backoffice:profile_pause", args=[profile.public_id])
    add_toast(request, _("The page is live."), undo_url=undo_url)
    return _back(request, profile)


def _back(request: HttpRequest, profile: ProviderProfile) -> HttpResponse:
    return redirect_to(request, reverse("backoffice:profile", args=[profile.public_id]))


def _missing(profile: ProviderProfile, form: ProfileForm) -> BoundField | None:
    """The field that keeps the profile from being shown, as it is saved."""
    name = missing_to_publish(profile)
    return form[name] if name else None


def _page(
    request: HttpRequest,
    desk: Desk,
    profile: ProviderProfile,
    form: ProfileForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"desk": desk, "profile": profile, "form": form, "section": "profile", "missing": _missing(profile, form)}
    context["can_publish"] = profile.status in (ProviderStatus.DRAFT, ProviderStatus.PAUSED)
    return render(request, "backoffice/profile.html", context, status=status)
