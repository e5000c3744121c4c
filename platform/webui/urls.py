"""Addresses that both hosts serve: reports of the security policy, and the gallery of components while developing."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, path

from webui.gallery import gallery
from webui.security import REPORT_PATH, csp_report

gallery_urls = [path("webui/gallery/", gallery, name="webui-gallery")]

urlpatterns: list[URLPattern] = [
    path(REPORT_PATH.lstrip("/"), csp_report, name="csp-report"),
    *(gallery_urls if settings.DEBUG else []),
]
