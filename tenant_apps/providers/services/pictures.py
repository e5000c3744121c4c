"""Uploaded pictures: judged, made anew in a process of its own, stored, and then pointed at (R44)."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.locking import lock_rows, lock_timeout
from tenant_apps.providers.errors import PictureRefused
from tenant_apps.providers.models import Provider
from tenant_apps.providers.rules.pictures import judge_bytes
from tenant_apps.providers.rules.refusals import MAX_PIXELS, MAX_SIDE, MIN_SIDE, Refusal
from tenant_apps.providers.selectors.shapes import profile_of
from tenant_apps.providers.services.profile import editable_provider
from tenant_apps.providers.types import MAX_PICTURE_BYTES, PictureKind, ProviderProfile, RenderedPicture, file_name

_log = structlog.get_logger(__name__)

_TIMEOUT_SECONDS: Final = 30
_MEBIBYTE: Final = 1024 * 1024


def store(picture: RenderedPicture) -> str:
    """Put a rendered picture's files into storage; their key, which nothing points at yet.

    In this order, since a row without its file would be a hole in a page, and a file without a row is not.
    """
    key = secrets.token_hex(16)
    for (width, _height), content in zip(picture.kind.sizes, picture.files, strict=True):
        default_storage.save(file_name(key, width), ContentFile(content))
    return key


def point_at(provider: Provider, kind: PictureKind, key: str, weight: int, now: datetime) -> ProviderProfile:
    """Let the row name `key`, and remove what it named before once that can no longer be undone. `weight`: bytes of all."""
    with transaction.atomic(), lock_timeout():
        (locked,) = lock_rows(Provider.objects.filter(pk=provider.pk))
        before = str(getattr(locked, kind.column))
        setattr(locked, kind.column, key)
        setattr(locked, kind.weight_column, weight)
        locked.updated_at = now
        locked.save(update_fields=[kind.column, kind.weight_column, "updated_at"])
        if before:
            transaction.on_commit(partial(remove_files, before, kind))
    return profile_of(locked)


def remove_files(key: str, kind: PictureKind) -> None:
    """Take the files of `key` out of storage. May be called twice."""
    for width, _height in kind.sizes:
        default_storage.delete(file_name(key, width))


def render_picture(upload: bytes, kind: PictureKind, *, actor: Actor, provider_id: UUID) -> RenderedPicture:
    """The picture in each of its sizes, as files, for this provider's profile; nothing is stored yet.

    Raises:
        ProviderNotFound, PermissionDenied: not the actor's to know, or to change; nothing is decoded.
        PictureRefused: the file is no picture that can be shown; the message says why.
    """
    editable_provider(actor, provider_id)
    verdict = judge_bytes(upload)
    if isinstance(verdict, Refusal):
        raise _refused(verdict, kind)
    answer, files = _render_apart(upload, verdict, kind)
    if "refusal" in answer:
        raise _refused(Refusal(answer["refusal"]), kind, width=answer["width"], height=answer["height"])
    return RenderedPicture(kind, tuple(files))


def _render_apart(upload: bytes, decoder: str, kind: PictureKind) -> tuple[dict[str, int | str], list[bytes]]:
    """What `rules.renditions` answers; a decoder that dies or never ends counts as a damaged picture."""
    sizes = [f"{width}x{height}" for width, height in kind.sizes]
    command = [sys.executable, "-I", "-m", "tenant_apps.providers.rules.renditions", decoder, *sizes]
    try:
        # Our own interpreter and module; the upload goes in by standard input only.
        done = subprocess.run(command, input=upload, capture_output=True, timeout=_TIMEOUT_SECONDS, check=True)  # noqa: S603
    except subprocess.SubprocessError as error:
        _log.warning("picture_decoder_failed", decoder=decoder, bytes=len(upload), error=type(error).__name__)
        return {"refusal": Refusal.DAMAGED.value, "width": 0, "height": 0}, []
    head, _newline, body = done.stdout.partition(b"\n")
    answer = json.loads(head)
    return answer, _split(body, answer.get("sizes", ()))


def _split(body: bytes, lengths: Sequence[int]) -> list[bytes]:
    files, start = [], 0
    for length in lengths:
        files.append(body[start : start + length])
        start += length
    return files


def _refused(refusal: Refusal, kind: PictureKind, *, width: int | str = 0, height: int | str = 0) -> PictureRefused:
    sentences = {
        Refusal.EMPTY: _("This file is empty."),
        Refusal.TOO_HEAVY: _("This file is larger than %(limit)d MB. Save a smaller copy and try again."),
        Refusal.DRAWING: _("SVG drawings are not taken, since they can carry scripts. Upload a PNG, JPEG or WebP."),
        Refusal.NO_PICTURE: _("This file is no picture that we can read. Upload a PNG, JPEG or WebP."),
        Refusal.TWO_THINGS: _("This file is a picture and something else at once. Export the picture anew and upload that."),
        Refusal.TOO_LARGE: _(
            "This picture is %(width)d × %(height)d pixels. We take up to %(side)d on a side and %(megapixels)d million in all."
        ),
        Refusal.TOO_SMALL: _("This picture is only %(width)d × %(height)d pixels. It needs at least %(least)d on each side."),
        Refusal.DAMAGED: _("This picture is damaged and could not be read to its end. Save it anew and try again."),
    }
    values = {
        "limit": MAX_PICTURE_BYTES // _MEBIBYTE,
        "side": MAX_SIDE,
        "megapixels": MAX_PIXELS // 1_000_000,
        "least": MIN_SIDE,
        "width": int(width),
        "height": int(height),
    }
    return PictureRefused(sentences[refusal] % values, field=kind.column)
