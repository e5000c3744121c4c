"""Theme packages: which versions there are, who wears them, what failed of them on pages; installing and removing."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kernel.errors import DomainError
from shared_apps.console.asking import Question, ask
from shared_apps.console.forms.themes import PackageForm
from shared_apps.console.frame import actor_of, render_console
from shared_apps.operators.permissions import operator_required
from shared_apps.packages.errors import PackageHasErrors
from shared_apps.packages.selectors import version, versions, wearers
from shared_apps.packages.services import install_package, remove_version
from shared_apps.packages.types import MANAGE, VIEW
from themes.lint.findings import Finding
from themes.troubles import troubles, troubles_of
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to

_UNPROCESSABLE = 422


@operator_required(VIEW)
@require_safe
def themes(request: HttpRequest) -> HttpResponseBase:
    """Every version of every package, and what failed within a day."""
    context = {"versions": versions(actor_of(request)), "troubles": troubles()}
    return render_console(request, "console/themes.html", context, place="themes")


@operator_required(VIEW)
@require_safe
def theme(request: HttpRequest, digest: str) -> HttpResponseBase:
    """One version: its facts, what the linter said, who wears it."""
    actor = actor_of(request)
    row = version(actor, digest)
    context = {"row": row, "wearers": wearers(actor, digest), "troubles": troubles_of(digest)}
    return render_console(request, "console/theme.html", context, place="themes")


@operator_required(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def install(request: HttpRequest) -> HttpResponseBase:
    """Take a zip; a package with errors is refused, with all of them."""
    form, status = PackageForm(request.POST or None, request.FILES or None), 200
    findings: Sequence[Finding] = ()
    if request.method == "POST":
        status = _UNPROCESSABLE
        if form.is_valid():
            try:
                row = install_package(actor=actor_of(request), blob=form.cleaned_data["file"].read())
            except DomainError as error:
                add_domain_error(form, error)
                status = error.http_status
                findings = error.findings if isinstance(error, PackageHasErrors) else ()
            else:
                add_toast(request, _("It is installed. Organizations can wear it from now on."))
                return redirect_to(request, reverse("console_theme", args=[row.digest]))
    context = {"form": form, "findings": [finding.as_row() for finding in findings]}
    return render_console(request, "console/theme_install.html", context, place="themes", status=status)


@operator_required(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, digest: str) -> HttpResponseBase:
    """Ask, then take a version away that nobody wears."""
    row = version(actor_of(request), digest)
    question = Question(
        title=_("Remove %(name)s %(version)s") % {"name": row.name, "version": row.version},
        text=_("Nobody wears it. It can be installed again from its file."),
        label=_("Remove it"),
        done=_("It is removed."),
        back_url=reverse("console_themes"),
        place="themes",
        is_dangerous=True,
    )
    return ask(request, question, lambda: remove_version(actor=actor_of(request), digest=digest))
