"""A provider's profile: written, shown, taken down for a while."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from tenant_apps.backoffice.forms.profile import ProfileForm
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import act, blame, form_page, provider_at, refusal
from tenant_apps.providers.selectors import missing_to_publish
from tenant_apps.providers.services import pause_profile, publish_profile, save_profile
from tenant_apps.providers.types import PictureKind, ProviderProfile
from tenants.scope import current_tenant
from webui.htmx import add_toast, redirect_to

# More than any picture may have; so much is read that the service can say “too heavy”, and no more.
_MOST_BYTES = 6 * 1024 * 1024
_TEXTS = ("display_name", "slug", "headline", "bio", "location", "tags", "time_zone")


@form_page()
def edit(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """All of a profile on one page."""
    profile = provider_at(desk, provider_id)
    if request.method != "POST":
        return _page(request, desk, profile, _form(request, profile))
    form = _form(request, profile, is_sent=True)
    if not form.is_valid():
        return _page(request, desk, profile, form, status=422)
    refused = refusal(form, lambda: _save(desk, profile, form))
    if refused is not None:
        return _page(request, desk, profile, form, status=refused)
    add_toast(request, _("The profile is saved."))
    return redirect_to(request, reverse("backoffice:profile", args=[profile.public_id]))


@act()
def publish(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """Show it to visitors; what is missing is said beside its field."""
    profile = provider_at(desk, provider_id)
    form = _form(request, profile)
    try:
        publish_profile(actor=desk.actor, provider_id=profile.id)
    except DomainError as error:
        if error.field not in form.fields:
            raise
        blame(form, error)
        return _page(request, desk, profile, form, status=error.http_status)
    undo_url = reverse("backoffice:profile_pause", args=[profile.public_id])
    add_toast(request, _("The page is live."), undo_url=undo_url)
    return redirect_to(request, reverse("backoffice:profile", args=[profile.public_id]))


@act()
def pause(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """Take it out of the lists; bookings made stand."""
    profile = provider_at(desk, provider_id)
    pause_profile(actor=desk.actor, provider_id=profile.id)
    undo_url = reverse("backoffice:profile_publish", args=[profile.public_id])
    add_toast(request, _("The page is paused: nobody can book until it is published again."), undo_url=undo_url)
    return redirect_to(request, reverse("backoffice:profile", args=[profile.public_id]))


def _form(request: HttpRequest, profile: ProviderProfile, *, is_sent: bool = False) -> ProfileForm:
    host = current_tenant().primary_host
    if is_sent:
        return ProfileForm(request.POST, request.FILES, profile=profile, host=host)
    return ProfileForm(profile=profile, host=host)


def _save(desk: Desk, profile: ProviderProfile, form: ProfileForm) -> None:
    texts = {name: form.cleaned_data[name] for name in _TEXTS}
    save_profile(actor=desk.actor, provider_id=profile.id, pictures=_pictures(form), **texts)


def _pictures(form: ProfileForm) -> dict[PictureKind, bytes | None]:
    """What was uploaded, None for what was taken away; a picture that was left alone is not in it."""
    sent = {kind: form.cleaned_data[kind.column] for kind in PictureKind}
    removed: dict[PictureKind, bytes | None] = {kind: None for kind, upload in sent.items() if upload is False}
    return removed | {kind: upload.read(_MOST_BYTES) for kind, upload in sent.items() if isinstance(upload, UploadedFile)}


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
    return render(request, "backoffice/profile.html", context, status=status)
