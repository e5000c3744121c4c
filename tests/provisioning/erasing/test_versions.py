"""In a store that keeps versions, what is deleted is still there: erasing takes that, too, and the proof looks for it."""

from __future__ import annotations

from io import BytesIO

import pytest
from botocore.client import BaseClient
from django.core.files.base import ContentFile
from django.db.models.functions import Now

from kernel.errors import TemporaryFailure
from kernel.ids import new_id
from provisioning import files
from provisioning.archives.inbox import put_in, take_out, tidy_inbox
from provisioning.erasing.looking import look_into_files
from provisioning.erasing.proving import proof_of
from provisioning.erasing.traces import Traces
from provisioning.files import delete_below, delete_files_of, delete_latecomers
from provisioning.models import Run, Step
from provisioning.types import RunKind, RunState, StepState
from tenants.scope import platform_scope, tenant_scope
from tenants.storage_by_prefix import forget_versions, storage_by_prefix
from tests.provisioning.erasing.test_erasing import erased
from tests.provisioning.organizations import again, requested

pytest_plugins = ["tests.factories.object_store"]


@pytest.fixture
def bucket(client, store):
    """The store as its administrator sees it; it keeps versions."""
    client.put_bucket_versioning(Bucket="stoa", VersioningConfiguration={"Status": "Enabled"})
    return client


def kept(client, beginning: str = "") -> list[str]:
    """The keys of every version, mark and unfinished upload there is."""
    page = client.list_object_versions(Bucket="stoa", Prefix=beginning)
    uploads = client.list_multipart_uploads(Bucket="stoa").get("Uploads", [])
    found = [*page.get("Versions", []), *page.get("DeleteMarkers", []), *uploads]
    return sorted(one["Key"] for one in found if one["Key"].startswith(beginning))


def use(tenant, store, client) -> str:
    """Write a file twice, delete another, and break off an upload; where all that is."""
    with tenant_scope(tenant):
        for text in (b"first", b"second"):
            name = f"t/{tenant.storage_prefix}/logo.png"
            client.put_object(Bucket="stoa", Key=name, Body=text)
        store.delete(store.save("gone.png", ContentFile(b"gone")))
    client.create_multipart_upload(Bucket="stoa", Key=f"t/{tenant.storage_prefix}/archives/half.zip")
    return f"t/{tenant.storage_prefix}/"


def nobody() -> None:
    """Nobody is told."""


def test_every_version_below_a_prefix_goes_and_nobody_elses(alpha, beta, bucket, store):
    place, others = (use(tenant, store, bucket) for tenant in (alpha, beta))
    before = kept(bucket, others)
    assert len(kept(bucket, place)) == 5

    delete_below(alpha.storage_prefix, tell=nobody)

    assert kept(bucket, place) == []
    assert kept(bucket, others) == before


def test_what_is_taken_back_in_parts_goes_with_its_versions(alpha, bucket, store):
    place = use(alpha, store, bucket)

    parts = 1
    while not delete_files_of(alpha, at_most=2):
        parts += 1

    assert parts > 1
    assert kept(bucket, place) == []


def test_a_store_that_keeps_a_version_is_told_of_and_not_asked_for_ever(alpha, bucket, store, monkeypatch):
    use(alpha, store, bucket)
    ask = BaseClient._make_api_call

    def refuse(client, operation, facts):
        # With 200 all the same: only the list of errors tells.
        return {"Errors": [{"Code": "AccessDenied"}]} if operation == "DeleteObjects" else ask(client, operation, facts)

    monkeypatch.setattr(BaseClient, "_make_api_call", refuse)

    with pytest.raises(TemporaryFailure, match="AccessDenied"):
        forget_versions(alpha.storage_prefix, at_most=50)


@pytest.mark.control
@pytest.mark.parametrize("left", ["logo.png", "archives/half.zip"])
def test_what_a_store_does_not_show_is_found_by_the_proof(alpha, bucket, store, left):
    place = use(alpha, store, bucket)
    for one in bucket.list_objects_v2(Bucket="stoa", Prefix=place)["Contents"]:
        bucket.delete_object(Bucket="stoa", Key=one["Key"])
    assert place + left in kept(bucket, place)

    below, _platform = look_into_files(Traces((), (), (), (), "salt"), [alpha.storage_prefix])

    assert below.found == len(kept(bucket, place))


def test_the_copy_that_it_was_imported_from_goes_with_its_versions(committed, bucket):
    name = put_in(BytesIO(b"everything"), run_id=new_id())
    another = put_in(BytesIO(b"another"), run_id=new_id())

    take_out(name)

    assert kept(bucket) == [f"platform/{another}"]


def test_a_copy_that_nobody_claimed_goes_with_its_versions(committed, bucket):
    run = requested("imported", key="imported")
    name = put_in(BytesIO(b"everything"), run_id=run.public_id)
    with platform_scope(reason="test"):
        Run.objects.filter(pk=run.pk).update(state=RunState.UNDONE)

    assert tidy_inbox() == 1

    assert kept(bucket) == []
    assert name


def test_an_organization_is_erased_from_such_a_store_to_the_last_version(bucket, store, request):
    closed = request.getfixturevalue("closed")
    place = use(closed, store, bucket)
    copy = put_in(BytesIO(b"everything"), run_id=new_id())
    with platform_scope(reason="test"):
        Run.objects.filter(tenant_id=closed.id, kind=RunKind.CREATE_ORGANIZATION).update(
            kind=RunKind.IMPORT_ORGANIZATION, request={**again_request(closed), "archive": copy}
        )

    run = erased(closed)

    places = {each.place: each for each in proof_of(again(run)).places}
    assert kept(bucket, place) == []
    assert kept(bucket, "platform/imports/") == []
    assert places["files below its prefix"].found == 0
    storage_by_prefix().save(f"{closed.storage_prefix}/late.txt", ContentFile(b"late"))
    assert delete_latecomers() == 1
    assert kept(bucket, place) == []


def test_what_a_round_left_of_a_latecomer_goes_with_the_next(alpha, bucket, store, monkeypatch):
    """It deleted the file, and then the store refused to give the versions up."""
    run = requested("late", key="late")
    with platform_scope(reason="test"):
        Run.objects.filter(pk=run.pk).update(state=RunState.UNDONE, finished_at=Now())
        Step.objects.filter(run=run, name="schema").update(state=StepState.UNDONE, result={"files": "gone-prefix"})
    storage_by_prefix().save("gone-prefix/late.txt", ContentFile(b"late"))
    with monkeypatch.context() as refusing:
        refusing.setattr(files, "forget_versions", refuse_versions)
        with pytest.raises(TemporaryFailure):
            delete_latecomers()
    assert len(kept(bucket, "t/gone-prefix/")) == 2

    assert delete_latecomers() == 0

    assert kept(bucket, "t/gone-prefix/") == []


def refuse_versions(prefix: str, *, at_most: int) -> int:
    raise TemporaryFailure("the store keeps them", code="versions_kept")


def again_request(tenant) -> dict[str, str]:
    return Run.objects.values_list("request", flat=True).get(tenant_id=tenant.id, kind=RunKind.CREATE_ORGANIZATION)
