"""How a provider's page is handed round: a link, and the same link as a code to print."""

from __future__ import annotations

import io
from enum import Enum

import segno

from tenant_apps.providers.types import ProviderProfile
from tenants.scope import current_tenant


class QrFormat(Enum):
    """What a code can be downloaded as: its file ending and media type."""

    SVG = ("svg", "image/svg+xml")
    PNG = ("png", "image/png")

    def __init__(self, ending: str, media_type: str) -> None:
        self.ending = ending
        self.media_type = media_type


def share_link(profile: ProviderProfile) -> str:
    """The address to put into a message or a bio."""
    return current_tenant().base_url + profile.path


def qr_code(profile: ProviderProfile, file_format: QrFormat) -> bytes:
    """The short link as a QR code (ISO/IEC 18004, level M, four modules of quiet around it), on white whatever it lies on.

    It carries the short link and not the address, so that what was printed still works after the address changed.
    """
    code = segno.make_qr(current_tenant().base_url + profile.short_path, error="m")
    out = io.BytesIO()
    if file_format is QrFormat.SVG:
        code.save(out, kind="svg", border=4, xmldecl=True, svgclass=None, lineclass=None, omitsize=False, scale=8, light="#fff")
    else:
        code.save(out, kind="png", border=4, scale=16)
    return out.getvalue()
