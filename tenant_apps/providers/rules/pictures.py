"""Whether an uploaded file may be decoded at all, judged by its bytes before any decoder has seen them."""

from __future__ import annotations

from kernel.signs import HEAD_BYTES, is_something_else_too, media_type_of
from tenant_apps.providers.rules.refusals import Refusal
from tenant_apps.providers.types import MAX_PICTURE_BYTES, PICTURE_TYPES


def judge_bytes(blob: bytes) -> Refusal | str:
    """The Pillow decoder to use on `blob`, or why none may."""
    if not blob:
        return Refusal.EMPTY
    if len(blob) > MAX_PICTURE_BYTES:
        return Refusal.TOO_HEAVY
    media_type = media_type_of(blob)
    if media_type == "image/svg+xml" or b"<svg" in blob[:HEAD_BYTES].lower():
        return Refusal.DRAWING
    decoder = PICTURE_TYPES.get(media_type)
    if decoder is None:
        return Refusal.NO_PICTURE
    return Refusal.TWO_THINGS if is_something_else_too(blob) else decoder
