"""Sample marketplaces for theme tests and previews: what a page's context holds, as the storefront will build it."""

from __future__ import annotations

import tomllib
import uuid
from pathlib import Path
from typing import Any

from django.template import Context
from django.template.engine import Engine

from tenants.context import TenantContext
from themes.engine.packages import get_package
from themes.loader import use_package

SAMPLES = Path(__file__).parent / "samples"
TEMPLATES = Path(__file__).parent / "templates"
SLUGS = ("brightnest", "northgate", "noctis")
APP_LOADERS = ["django.template.loaders.filesystem.Loader"]


def sample(slug: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / f"{slug}.toml").read_text())


def tenant_of(data: dict[str, Any], package: str) -> TenantContext:
    identity = uuid.uuid5(uuid.NAMESPACE_DNS, data["host"])
    return TenantContext(
        id=identity,
        schema=f"t_{identity.hex}",
        slug=data["slug"],
        name=data["name"],
        status="active",
        kind="sample",
        plan="trial",
        entitlements={"remove_branding": True},
        primary_host=data["host"],
        base_url=f"https://{data['host']}",
        locale=data["locale"],
        currency=data["currency"],
        time_zone=data["time_zone"],
        theme_package=package,
        theme_tokens={},
        theme_hash="",
        storage_prefix="sample",
        schema_version="1",
        content=data["content"],
    )


def context_of(data: dict[str, Any], package: str) -> dict[str, Any]:
    """The context of a storefront page: `section` is set by `render_storefront`, one after the other."""
    return {
        "tenant": tenant_of(data, package),
        "page": data["page"],
        "nav": [{"label": "", "items": data["nav"]}],
        "primary_action": data["primary_action"],
        "sign_in_url": "/sign-in",
        "footer_columns": data["footer_columns"],
    }


def make_engine(ui_library: str, **options: Any) -> Engine:
    """An engine as in the project's settings, with the theme loader around the others."""
    return Engine(
        dirs=[str(TEMPLATES)],
        loaders=[("themes.loader.PackageLoader", APP_LOADERS)],
        libraries={
            "art": "themes.templatetags.art",
            "i18n": "django.templatetags.i18n",
            "static": "django.templatetags.static",
            "ui": ui_library,
        },
        **options,
    )


def render_storefront(engine: Engine, package_id: str, data: dict[str, Any], **extra: Any) -> str:
    """The whole home page of a sample in the look of a package."""
    package = get_package(package_id)
    context = {**context_of(data, package_id), "package": package, **extra}
    with use_package(package_id):
        context["sections"] = [
            engine.get_template(f"sections/{name}.html").render(
                Context({**context, "section": section_of(package_id, name, data)}),
            )
            for name in package.storefront
        ]
        return engine.get_template("storefront.html").render(Context(context))


def section_of(package_id: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
    stored = data["settings"].get(name, {})
    return {"id": name, "settings": get_package(package_id).section_settings(name, stored)}
