"""Static files keep working under names with a hash."""

from __future__ import annotations

import re

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage

from tests.webui.sources import BUILT


def test_addresses_inside_stylesheets_follow_the_hashed_names(tmp_path):
    source = FileSystemStorage(location=BUILT.parent)
    storage = ManifestStaticFilesStorage(location=tmp_path, base_url="/static/")
    files = {
        f"webui/{path.relative_to(BUILT).as_posix()}": (source, f"webui/{path.relative_to(BUILT).as_posix()}")
        for path in BUILT.rglob("*")
        if path.is_file()
    }
    for name in files:
        with source.open(name) as content:
            storage._save(name, content)

    outcomes = list(storage.post_process(files))

    assert not [outcome for _name, _hashed, outcome in outcomes if isinstance(outcome, Exception)]
    css = (tmp_path / storage.stored_name("webui/stoa.css")).read_text()
    assert re.search(r'url\("?fonts/geist\.[0-9a-f]{12}\.woff2"?\)', css)
