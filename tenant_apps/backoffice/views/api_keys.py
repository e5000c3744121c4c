"""Keys by which the organization's own programs use the API: made here, shown once, revoked here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from shared_apps.plans.selectors import locked_features
from shared_apps.plans.services import has
from shared_apps.plans.types import API_ACCESS
from shared_apps.rest.types import KEY_PREFIX
from tenant_apps.api.selectors import key_for, keys_for
from tenant_apps.api.services import create_key, revoke_key
from tenant_apps.api.types import SCOPE_LABELS
from tenant_apps.backoffice.forms.api_keys import ApiKeyForm
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.confirming import confirm_by_name, require_name
from tenant_apps.backoffice.views.gate import form_page, id_in, refusal
from tenants.scope import current_tenant

_EDIT = "settings.edit"


@form_page(_EDIT)
def listing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All keys, and a form for another one. The new key's text is in the answer to the form and nowhere else."""
    if request.method != "POST":
        return _list_page(request, desk, ApiKeyForm())
    form = ApiKeyForm(request.POST)
    if not form.is_valid():
        return _list_page(request, desk, form, status=422)
    minted = None

    def make() -> None:
        nonlocal minted
        minted = create_key(actor=desk.actor, **form.cleaned_data)

    refused = refusal(form, make, fields={"scope": "scopes"})
    if refused is not None:
        return _list_page(request, desk, form, status=refused)
    # No redirect: the text would have to be kept somewhere until the next page.
    return render(request, "backoffice/api_key_made.html", {"desk": desk, "minted": minted}, status=201)


@form_page(_EDIT)
def revoke(request: HttpRequest, desk: Desk, key_id: str) -> HttpResponse:
    """Make a key worthless, once its name is typed."""
    key = key_for(id_in(KEY_PREFIX, key_id), actor=desk.actor)

    def destroy(typed: str) -> None:
        require_name(typed, key.name)
        revoke_key(actor=desk.actor, key_id=key.public_id)

    return confirm_by_name(
        request,
        desk,
        "backoffice/api_key_revoke.html",
        name=key.name,
        destroy=destroy,
        done=_("“%(name)s” is revoked.") % {"name": key.name},
        back=reverse("backoffice:api_keys"),
        key=key,
    )


def _list_page(request: HttpRequest, desk: Desk, form: ApiKeyForm, *, status: int = 200) -> HttpResponse:
    keys = [(key, [SCOPE_LABELS.get(scope, scope) for scope in key.scopes]) for key in keys_for(actor=desk.actor)]
    context = {
        "desk": desk,
        "section": "api_keys",
        "form": form,
        "live": [row for row in keys if row[0].revoked_at is None],
        "revoked": [row for row in keys if row[0].revoked_at is not None],
        "has_api": has(API_ACCESS),
        "locked": locked_features(current_tenant(), [API_ACCESS]),
    }
    return render(request, "backoffice/api_keys.html", context, status=status)
