"""Registers the app that gives every page its layouts, components and static files."""

from __future__ import annotations

from django.apps import AppConfig


class WebuiConfig(AppConfig):
    name = "webui"
    label = "webui"
