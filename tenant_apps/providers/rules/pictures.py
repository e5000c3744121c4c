"""Whether an uploaded file may be decoded at all, judged by its bytes before any decoder has seen them."""

from __future__ import annotations

import io
import zipfile
from typing import Final

import puremagic

from tenant_apps.providers.rules.refusals import Refusal
from tenant_apps.providers.types import MAX_PICTURE_BYTES, PICTURE_TYPES

_HEAD_BYTES: Final = 1024
# What a picture has no business to contain. Compressed pixels can't produce the longer ones by chance; `%PDF-` is looked
# for where readers of such files look for it, at the head.
_FOREIGN_ANYWHERE: Final = (b"<script", b"<?php", b"<!doctype html", b"<html", b"<svg xmlns", b"javascript:")
_FOREIGN_HEAD: Final = (b"%pdf-",)


def judge_bytes(blob: bytes) -> Refusal | str:
    """The Pillow decoder to use on `blob`, or why none may."""
    if not blob:
        return Refusal.EMPTY
    if len(blob) > MAX_PICTURE_BYTES:
        return Refusal.TOO_HEAVY
    media_type = _media_type(blob)
    if media_type == "image/svg+xml" or b"<svg" in blob[:_HEAD_BYTES].lower():
        return Refusal.DRAWING
    decoder = PICTURE_TYPES.get(media_type)
    if decoder is None:
        return Refusal.NO_PICTURE
    return Refusal.TWO_THINGS if _is_something_else_too(blob) else decoder


def _media_type(blob: bytes) -> str:
    try:
        found = puremagic.magic_string(blob)
    except (puremagic.PureError, ValueError):
        return ""
    return found[0].mime_type if found else ""


def _is_something_else_too(blob: bytes) -> bool:
    """Whether the file is also an archive, a document or a page: such files mean one thing here and another elsewhere."""
    text = blob.lower()
    return (
        any(sign in text for sign in _FOREIGN_ANYWHERE)
        or any(sign in text[:_HEAD_BYTES] for sign in _FOREIGN_HEAD)
        or zipfile.is_zipfile(io.BytesIO(blob))
    )
