"""Categories of the marketplace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel.actor import Actor
from kernel.errors import DomainError, NotFound
from tenant_apps.backoffice.forms.marketplace import CategoryForm
from tenant_apps.backoffice.rules import moved
from tenant_apps.backoffice.views.access import id_in, staff_page
from tenant_apps.catalog import services
from tenant_apps.catalog.permissions import EDIT_CATEGORIES
from tenant_apps.catalog.selectors import categories as all_categories
from tenant_apps.catalog.types import CATEGORY_PREFIX, CategoryCard
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to, render_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def categories(request: HttpRequest, actor: Actor) -> HttpResponse:
    """See them in order, and add one."""
    actor.require(EDIT_CATEGORIES)
    form = CategoryForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _list(request, form, status=422 if request.method == "POST" else 200)
    try:
        services.create_category(actor=actor, **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error)
        return _list(request, form, status=error.http_status)
    add_toast(request, _("“%(name)s” is there.") % {"name": form.cleaned_data["name"]})
    return redirect_to(request, reverse("backoffice_categories"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def category(request: HttpRequest, actor: Actor, category_id: str) -> HttpResponse:
    """Rename one."""
    actor.require(EDIT_CATEGORIES)
    card = _card(category_id)
    form = CategoryForm(request.POST or None, initial={"name": card.name, "description": card.description, "icon": card.icon})
    if request.method != "POST" or not form.is_valid():
        return _page(request, card, form, status=422 if request.method == "POST" else 200)
    try:
        services.update_category(actor=actor, category_id=card.id, **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, card, form, status=error.http_status)
    add_toast(request, _("Saved."))
    return redirect_to(request, reverse("backoffice_categories"))


@require_POST
@staff_page
def delete(request: HttpRequest, actor: Actor, category_id: str) -> HttpResponse:
    """Remove an empty one, once its name was typed."""
    actor.require(EDIT_CATEGORIES)
    card = _card(category_id)
    form = CategoryForm(initial={"name": card.name, "description": card.description, "icon": card.icon})
    if request.POST.get("confirm_name") != card.name:
        return _page(request, card, form, refusal=_("Type the name exactly as it stands here."), status=422)
    try:
        services.delete_category(actor=actor, category_id=card.id)
    except DomainError as error:
        return _page(request, card, form, refusal=error.message, status=error.http_status)
    add_toast(request, _("“%(name)s” is gone.") % {"name": card.name})
    return redirect_to(request, reverse("backoffice_categories"))


@require_POST
@staff_page
def move(request: HttpRequest, actor: Actor, category_id: str) -> HttpResponse:
    """One place up or down."""
    actor.require(EDIT_CATEGORIES)
    card = _card(category_id)
    wanted = moved([each.id for each in all_categories()], card.id, 1 if request.POST.get("to") == "down" else -1)
    services.reorder_categories(actor=actor, category_ids=wanted)
    return redirect_to(request, reverse("backoffice_categories"))


def _card(category_id: str) -> CategoryCard:
    wanted = id_in(CATEGORY_PREFIX, category_id)
    card = next((card for card in all_categories() if card.id == wanted), None)
    if card is None:
        raise NotFound(_("There is no such category."))
    return card


def _list(request: HttpRequest, form: CategoryForm, *, status: int) -> HttpResponse:
    context = {"cards": all_categories(), "form": form}
    return render_page(request, "backoffice/categories.html", context, status=status)


def _page(request: HttpRequest, card: CategoryCard, form: CategoryForm, *, refusal: str = "", status: int) -> HttpResponse:
    context = {"category": card, "form": form, "refusal": refusal}
    return render_page(request, "backoffice/category.html", context, status=status)
