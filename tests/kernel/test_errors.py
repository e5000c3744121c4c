"""The error family keeps what it was told, across languages and processes."""

import pickle

import pytest
from django.utils.functional import lazystr

from kernel import errors


def every_domain_error() -> list[type[errors.DomainError]]:
    ours = [kind for kind in errors.DomainError.__subclasses__() if kind.__module__ == errors.__name__]
    return [errors.DomainError, *ours]


def test_every_kind_of_error_has_its_own_code() -> None:
    codes = [error.code for error in every_domain_error()]

    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound, 404),
        (errors.PermissionDenied, 403),
        (errors.PlanLimit, 402),
        (errors.Conflict, 409),
        (errors.Invalid, 422),
        (errors.Throttled, 429),
        (errors.Unavailable, 503),
    ],
)
def test_each_kind_of_error_has_its_status(error: type[errors.DomainError], status: int) -> None:
    assert error("no").http_status == status


def test_a_lazy_sentence_is_text_once_raised() -> None:
    error = errors.Invalid(lazystr("Too short."), field="name")

    assert (error.message, str(error), error.field) == ("Too short.", "Too short.", "name")


@pytest.mark.parametrize(
    "error",
    [
        errors.Invalid("Too short.", field="name"),
        errors.PermissionDenied("No.", capability="bookings.confirm"),
        errors.PlanLimit("No.", entitlement="max_providers"),
        errors.Throttled("Slow.", retry_after_seconds=7),
        errors.TemporaryFailure("late", code="timed_out", retry_after_seconds=1.5),
        errors.PermanentFailure("gone", code="http_410"),
        errors.ForbiddenAddress("inside"),
    ],
)
def test_an_error_survives_the_way_between_two_processes(error: errors.DomainError) -> None:
    arrived = pickle.loads(pickle.dumps(error))

    assert type(arrived) is type(error)
    assert arrived.args == error.args
    assert vars(arrived) == vars(error)


def test_what_an_outside_system_did_is_told_in_the_log() -> None:
    failure = errors.TemporaryFailure("the other side answered 503", code="http_503")

    assert (failure.message, failure.code) == ("the other side answered 503", "http_503")


def test_an_address_that_is_forbidden_is_not_tried_again() -> None:
    assert issubclass(errors.ForbiddenAddress, errors.PermanentFailure)
    assert not issubclass(errors.ForbiddenAddress, errors.TemporaryFailure)
