"""The words of an isolation report that are signed: made from the trials, and read again by whoever verifies them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import translation

from provisioning.archives.signing import Signature, holds, own_keys, sign_for
from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.types import FAMILIES, FORMAT, Finished, Result, Verdict
from tenants.context import TenantContext

_PURPOSE: Final = b"stoa isolation report\n"
_ALGORITHM: Final = "ed25519"


class NoReport(ValueError):
    """The file is no isolation report; says why."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a file says, who signed it, and whether that is this installation."""

    report: Mapping[str, Any]  # Any: JSON
    key: str
    is_genuine: bool
    is_ours: bool


def finished(report: IsolationReport, tenant: TenantContext, now: datetime) -> Finished:
    """The signed words of a report whose every family was tried."""
    verdict = verdict_of(trial["result"] for trials in report.trials.values() for trial in trials)
    text = _canonical(_document(report, tenant, verdict, now))
    signature = sign_for(_PURPOSE, text.encode())
    return Finished(verdict, text, signature.value.hex(), signature.key, now)


def verdict_of(results: Iterable[str]) -> Verdict:
    """One that got through outweighs all; where something could not be tried, nobody may say that everything held."""
    found = set(results)
    if Result.REACHED in found:
        return Verdict.BROKEN
    return Verdict.HELD if found == {Result.REFUSED.value} else Verdict.INCOMPLETE


def verify(content: bytes) -> Verified:
    """Look at a downloaded report.

    Raises:
        NoReport: it is none.
    """
    try:
        file = json.loads(content)
        words, signature = file["report"], file["signature"]
        if words["format"] != FORMAT or signature["algorithm"] != _ALGORITHM:
            raise NoReport("It is of another format.")
        signed = Signature(str(signature["key"]), bytes.fromhex(signature["value"]))
    except (ValueError, KeyError, TypeError) as error:
        raise error if isinstance(error, NoReport) else NoReport("It cannot be read as an isolation report.") from error
    is_genuine = holds(_PURPOSE, _canonical(words).encode(), signed)
    return Verified(words, signed.key, is_genuine, is_genuine and signed.key in own_keys())


def _document(report: IsolationReport, tenant: TenantContext, verdict: Verdict, now: datetime) -> dict[str, object]:
    # In English, whoever reads the page: the signed words are one text.
    with translation.override("en"):
        attempts = [
            {
                "id": trial["attempt"],
                "tried": str(family.attempts[trial["attempt"]]),
                "family": family.id,
                "direction": trial["direction"],
                "expected": Result.REFUSED.value,
                "result": trial["result"],
                "own_side_succeeded": trial["control"],
                "why": trial["why"],
                "milliseconds": round(trial["seconds"] * 1000),
            }
            for family in FAMILIES
            for trial in report.trials.get(family.id, [])
        ]
    began_at = report.started_at or report.created_at
    return {
        "format": FORMAT,
        "id": report.outside_id,
        "platform": settings.PLATFORM_URL,
        "organization": {"id": str(tenant.id), "name": tenant.name, "host": tenant.primary_host},
        "schema_version": tenant.schema_version,
        "requested_by": report.requested_by,
        "requested_at": report.created_at.isoformat(),
        "started_at": began_at.isoformat(),
        "finished_at": now.isoformat(),
        "milliseconds": round((now - began_at).total_seconds() * 1000),
        "verdict": verdict.value,
        "counts": {result.value: sum(attempt["result"] == result.value for attempt in attempts) for result in Result},
        "attempts": attempts,
    }


def _canonical(words: Mapping[str, Any]) -> str:  # Any: JSON
    """The same bytes for the same words, wherever they are written down again."""
    return json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
