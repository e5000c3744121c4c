"""Renders every sample in every package to plain files, to look at: `python -m tests.themes.preview [folder]`.

The pages carry no script and can be served by anything: `python -m http.server -d tests/out/themes`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import django

DEFAULT_FOLDER = Path(__file__).parents[1] / "out" / "themes"


def main(folder: Path) -> None:
    django.setup()
    from django.contrib.staticfiles import finders

    from tests.themes.marketplaces import SLUGS, make_engine, render_storefront, sample
    from themes.engine.packages import get_package
    from themes.engine.stylesheet import compile_theme

    engine = make_engine("webui.templatetags.ui")
    copied = {"webui/app.css", "webui/icons.svg"}
    for slug in SLUGS:
        data = sample(slug)
        package = get_package(data["package"])
        theme = compile_theme(package.resolve_tokens({}))
        copied |= {f"webui/fonts/{font}" for font in _fonts(theme.css)}
        for _digest, package_id in package.stylesheets:
            sheet = folder / "static" / "themes" / package_id / "theme.css"
            sheet.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(package.file(package_id, "theme.css"), sheet)
        place = folder / slug
        place.mkdir(parents=True, exist_ok=True)
        (place / theme.file_name).write_text(theme.css)
        for name, extra in {"light": {"scheme": "light"}, "dark": {"scheme": "dark"}, "rtl": {"dir": "rtl"}}.items():
            page = render_storefront(engine, data["package"], data, theme_css_url=f"/{slug}/{theme.file_name}", **extra)
            (place / f"{name}.html").write_text(page)
    for name in copied:
        found = finders.find(name)
        if found is None:
            sys.exit(f"static file {name} was not found: is webui installed?")
        (folder / "static" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found, folder / "static" / name)


def _fonts(css: str) -> set[str]:
    return {part.split('"')[0] for part in css.split("webui/fonts/")[1:]}


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
