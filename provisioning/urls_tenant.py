"""Provisioning's pages on a marketplace's own host: its sandbox."""

from __future__ import annotations

from django.urls import URLPattern, path

from provisioning.views import promotion, sandbox

app_name = "sandbox"
_HOME = "manage/settings/sandbox/"

urlpatterns: list[URLPattern] = [
    path("sandbox/<str:token>/", sandbox.look, name="look"),
    path(_HOME, sandbox.home, name="home"),
    path(f"{_HOME}make/", sandbox.make, name="make"),
    path(f"{_HOME}renew/", sandbox.renew, name="renew"),
    path(f"{_HOME}remove/", sandbox.remove, name="remove"),
    path(f"{_HOME}mail/", sandbox.mail, name="mail"),
    path(f"{_HOME}mail/<str:mail_id>/", sandbox.letter, name="letter"),
    path(f"{_HOME}changes/", promotion.changes, name="changes"),
    path(f"{_HOME}changes/<str:run_id>/undo/", promotion.undo, name="undo"),
]
