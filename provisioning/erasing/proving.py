"""The signed word that nothing is left of an organization: what was looked for, where, and how much was found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from kernel import clock
from kernel.ids import format_public_id
from provisioning.archives.signing import sign_for
from provisioning.erasing.errors import NoProof
from provisioning.erasing.looking import Looked
from provisioning.erasing.traces import Traces
from provisioning.models import Run, Step
from provisioning.saga.step import Work
from provisioning.types import RUN_PREFIX
from tenants.scope import platform_scope
from tenants.types import TENANT_PREFIX

PROVE: Final = "prove"
# A signature of an archive never holds for a proof, nor the other way round.
PURPOSE: Final = b"stoa proof of erasing\n"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Proof:
    """`signed` are the very bytes that `signature` is of; the rest is what they say."""

    signed: bytes
    signature: str
    key: str
    organization: str
    proved_at: datetime
    sought: dict[str, int]
    places: Sequence[Looked]

    @property
    def looked_at(self) -> int:
        return sum(place.looked_at for place in self.places)

    @property
    def found(self) -> int:
        return sum(place.found for place in self.places)

    @property
    def kept(self) -> int:
        return sum(place.kept for place in self.places)

    def as_file(self) -> bytes:
        """What is downloaded: the signed text, and the signature of its bytes."""
        return json.dumps({"signed": self.signed.decode(), "signature": self.signature, "key": self.key}, indent=2).encode()


def write_proof(work: Work, traces: Traces, places: Sequence[Looked]) -> dict[str, str]:
    """The proof as the step's result keeps it."""
    report = {
        "version": _VERSION,
        "installation": settings.PLATFORM_URL,
        "organization": format_public_id(TENANT_PREFIX, work.require_tenant_id()),
        "run": format_public_id(RUN_PREFIX, work.run_id),
        "proved_at": clock.now().isoformat(),
        "sought": traces.counts(),
        "places": [asdict(place) for place in places],
    }
    signed = json.dumps(report, sort_keys=True, separators=(",", ":"))
    signature = sign_for(PURPOSE, signed.encode())
    return {"signed": signed, "signature": signature.value.hex(), "key": signature.key}


def proof_of(run: Run) -> Proof | None:
    """What the run has proved; None while it has not (one query)."""
    with platform_scope(reason="read proof"):
        stored = Step.objects.filter(run_id=run.pk, name=PROVE).values_list("result", flat=True).first()
    return _read(stored) if stored and "signed" in stored else None


def require_proof(run: Run) -> Proof:
    """The same.

    Raises:
        NoProof: it has not, or is a run of another kind.
    """
    proof = proof_of(run)
    if proof is None:
        raise NoProof(_("This run has proved nothing."))
    return proof


def _read(stored: dict[str, Any]) -> Proof:  # Any: JSON
    report = json.loads(stored["signed"])
    return Proof(
        signed=stored["signed"].encode(),
        signature=stored["signature"],
        key=stored["key"],
        organization=report["organization"],
        proved_at=datetime.fromisoformat(report["proved_at"]),
        sought=report["sought"],
        places=[Looked(**place) for place in report["places"]],
    )
