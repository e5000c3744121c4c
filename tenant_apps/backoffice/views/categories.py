"""The shelves of the marketplace."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tenant_apps.backoffice.errors import NothingHere
from tenant_apps.backoffice.forms.marketplace import CategoryForm
from tenant_apps.backoffice.rules import moved
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.confirming import confirm_by_name, require_name
from tenant_apps.backoffice.views.gate import act, form_page, id_in, refusal
from tenant_apps.catalog.selectors import categories
from tenant_apps.catalog.services import create_category, delete_category, reorder_categories, update_category
from tenant_apps.catalog.types import CATEGORY_PREFIX, CategoryCard
from webui.htmx import add_toast, redirect_to

_EDIT = "categories.edit"


@form_page(_EDIT)
def listing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All categories, and a form for another one."""
    if request.method != "POST":
        return _list_page(request, desk, CategoryForm())
    form = CategoryForm(request.POST)
    if not form.is_valid():
        return _list_page(request, desk, form, status=422)
    refused = refusal(form, lambda: create_category(actor=desk.actor, **form.cleaned_data))
    if refused is not None:
        return _list_page(request, desk, form, status=refused)
    add_toast(request, _("The category is there."))
    return _back(request)


@form_page(_EDIT)
def edit(request: HttpRequest, desk: Desk, category_id: str) -> HttpResponse:
    """What a category is called; its address stays."""
    category = _category(category_id)
    if request.method != "POST":
        initial = {"name": category.name, "description": category.description, "icon": category.icon}
        return _edit_page(request, desk, category, CategoryForm(initial=initial))
    form = CategoryForm(request.POST, category_id=category.id)
    if not form.is_valid():
        return _edit_page(request, desk, category, form, status=422)
    refused = refusal(form, lambda: update_category(actor=desk.actor, category_id=category.id, **form.cleaned_data))
    if refused is not None:
        return _edit_page(request, desk, category, form, status=refused)
    add_toast(request, _("The category is saved."))
    return _back(request)


@form_page(_EDIT)
def delete(request: HttpRequest, desk: Desk, category_id: str) -> HttpResponse:
    """Remove an empty category, once its name is typed."""
    category = _category(category_id)

    def destroy(typed: str) -> None:
        require_name(typed, category.name)
        delete_category(actor=desk.actor, category_id=category.id)

    return confirm_by_name(
        request,
        desk,
        "backoffice/category_delete.html",
        name=category.name,
        destroy=destroy,
        done=_("“%(name)s” is deleted.") % {"name": category.name},
        back=reverse("backoffice:categories"),
        category=category,
    )


@act(_EDIT)
def move(request: HttpRequest, desk: Desk, category_id: str, direction: str) -> HttpResponse:
    """One place up or down."""
    category = _category(category_id)
    order: list[UUID] = [card.id for card in categories()]
    reorder_categories(actor=desk.actor, category_ids=moved(order, category.id, direction))
    return _back(request)


def _category(category_id: str) -> CategoryCard:
    wanted = id_in(CATEGORY_PREFIX, category_id)
    found = next((card for card in categories() if card.id == wanted), None)
    if found is None:
        raise NothingHere(_("There is no such category."))
    return found


def _list_page(request: HttpRequest, desk: Desk, form: CategoryForm, *, status: int = 200) -> HttpResponse:
    context = {"desk": desk, "form": form, "categories": categories()}
    return render(request, "backoffice/categories.html", context, status=status)


def _edit_page(
    request: HttpRequest, desk: Desk, category: CategoryCard, form: CategoryForm, *, status: int = 200
) -> HttpResponse:
    context = {"desk": desk, "form": form, "category": category}
    return render(request, "backoffice/category.html", context, status=status)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect_to(request, reverse("backoffice:categories"))
