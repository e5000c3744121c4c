"""What a file's bytes say it is, asked before any decoder sees them: its media type, and whether it is two things at once."""

from __future__ import annotations

import io
import zipfile
from typing import Final

import puremagic

HEAD_BYTES: Final = 1024
# What a picture has no business to contain. Compressed pixels can't produce the longer ones by chance; `%PDF-` is looked
# for where readers of such files look for it, at the head.
_FOREIGN_ANYWHERE: Final = (b"<script", b"<?php", b"<!doctype html", b"<html", b"<svg xmlns", b"javascript:")
_FOREIGN_HEAD: Final = (b"%pdf-",)


def media_type_of(blob: bytes) -> str:
    """Such as `image/png`; empty where nothing is recognized."""
    try:
        found = puremagic.magic_string(blob)
    except (puremagic.PureError, ValueError):
        return ""
    return str(found[0].mime_type) if found else ""


def is_something_else_too(blob: bytes) -> bool:
    """Whether a picture is also an archive, a document or a page: such files mean one thing here and another elsewhere."""
    text = blob.lower()
    return (
        any(sign in text for sign in _FOREIGN_ANYWHERE)
        or any(sign in text[:HEAD_BYTES] for sign in _FOREIGN_HEAD)
        or zipfile.is_zipfile(io.BytesIO(blob))
    )
