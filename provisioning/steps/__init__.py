"""The steps of each kind of run, in their order."""

from __future__ import annotations

from provisioning.saga.step import SagaStep
from provisioning.steps.address import PointDomain
from provisioning.steps.announcing import Announce
from provisioning.steps.archiving import WriteArchive
from provisioning.steps.cloning import KeepSandboxName, MakeSandboxSchema, NoteBase, RemoveOldSandbox, TakeCopy, WriteCopy
from provisioning.steps.content import ApplyBlueprint
from provisioning.steps.erasing import (
    CollectTraces,
    DeleteFiles,
    DeleteRecords,
    DropSchemas,
    EndBilling,
    ForgetCache,
    Prove,
    Seal,
    StopWork,
)
from provisioning.steps.importing import (
    ClaimDomains,
    GrantOwners,
    LoadFiles,
    MakeEmptySchema,
    RestoreLook,
    TakeArchive,
)
from provisioning.steps.loading import BringAlong, LoadRows
from provisioning.steps.look import ApplyTheme
from provisioning.steps.naming import ReserveName
from provisioning.steps.owner import CreateOwner
from provisioning.steps.promoting import ApplyPromotion, KeepSnapshot
from provisioning.steps.relocating import MakeElsewhere, MoveRows, Settle
from provisioning.steps.restoring import BringSideAlong, CompareWithLiving, LoadSideRows, MakeSideSchema
from provisioning.steps.schema import ClaimSchema
from provisioning.steps.subscription import StartTrial
from provisioning.steps.swapping import CloseForSwap, OpenAgain, RestoreFiles, RestoreLateFiles, SwapSchemas
from provisioning.steps.taking import KeepBefore, TakeFiles, TakeRecords
from provisioning.types import RunKind

STEPS: dict[RunKind, tuple[type[SagaStep], ...]] = {
    RunKind.CREATE_ORGANIZATION: (
        ReserveName,
        ClaimSchema,
        ApplyBlueprint,
        PointDomain,
        ApplyTheme,
        StartTrial,
        CreateOwner,
        Announce,
    ),
    RunKind.ARCHIVE_ORGANIZATION: (WriteArchive,),
    RunKind.IMPORT_ORGANIZATION: (
        ReserveName,
        TakeArchive,
        MakeEmptySchema,
        LoadRows,
        BringAlong,
        LoadFiles,
        PointDomain,
        RestoreLook,
        StartTrial,
        ClaimDomains,
        GrantOwners,
        Announce,
    ),
    RunKind.RESTORE_ORGANIZATION: (TakeArchive, MakeSideSchema, LoadSideRows, BringSideAlong, CompareWithLiving),
    RunKind.MOVE_ORGANIZATION: (MakeElsewhere, MoveRows, Settle),
    RunKind.SWAP_ORGANIZATION: (RestoreFiles, CloseForSwap, RestoreLateFiles, SwapSchemas, OpenAgain),
    RunKind.TAKE_RECORDS: (KeepBefore, TakeFiles, TakeRecords),
    RunKind.CLONE_ORGANIZATION: (
        WriteCopy,
        TakeCopy,
        RemoveOldSandbox,
        KeepSandboxName,
        MakeSandboxSchema,
        LoadRows,
        BringAlong,
        LoadFiles,
        NoteBase,
        PointDomain,
        RestoreLook,
        GrantOwners,
        Announce,
    ),
    RunKind.PROMOTE_SANDBOX: (KeepSnapshot, ApplyPromotion),
    RunKind.ERASE_ORGANIZATION: (
        CollectTraces,
        Seal,
        EndBilling,
        StopWork,
        DeleteFiles,
        DropSchemas,
        DeleteRecords,
        ForgetCache,
        Prove,
    ),
}


def step_classes(kind: RunKind) -> tuple[type[SagaStep], ...]:
    """The steps of a run of this kind, first to last."""
    return STEPS[kind]


def step_class(kind: RunKind, name: str) -> type[SagaStep]:
    """The step of this name.

    Raises:
        LookupError: this version of the code has none of the name; another worker's has, and the run waits for it.
    """
    for step in STEPS[kind]:
        if step.name == name:
            return step
    raise LookupError(f"This code knows no step {name!r} of {kind}.")
