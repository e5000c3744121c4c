"""Where the sources and built files are that the tests read."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WEBUI = ROOT / "platform" / "webui"
ASSETS = WEBUI / "assets"
BUILT = WEBUI / "static" / "webui"
CODE = [ROOT / name for name in ("platform", "tenants", "shared_apps", "tenant_apps", "provisioning", "themes")]


def all_files(*suffixes: str) -> list[Path]:
    """Our own files of these kinds, built ones left out."""
    found = [path for folder in CODE for suffix in suffixes for path in folder.rglob(f"*{suffix}")]
    return sorted(path for path in found if not path.is_relative_to(WEBUI / "static"))


def all_templates() -> list[Path]:
    """Every page and partial of every app and theme package."""
    return [path for path in all_files(".html") if "templates" in path.parts]
