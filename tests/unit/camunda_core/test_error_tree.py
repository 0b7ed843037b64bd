from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from camunda_core import errors
from camunda_core.errors import (
    CamundaError,
    ConfigurationError,
    DeadlineExceeded,
    Internal,
    InvalidArgument,
    InvalidRequest,
    NotFound,
    Problem,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Unknown,
    UnsupportedField,
    error_class,
    error_classes,
)

ERRORS = list(error_classes())

#: The sixteen failures of gRPC (OK is none).
GRPC_CODES = {
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
}


def test_every_grpc_code_has_a_class_and_every_class_a_code() -> None:
    assert {cls.grpc_code for cls in ERRORS} == GRPC_CODES
    assert all(400 <= cls.http_status < 600 for cls in ERRORS)


@pytest.mark.parametrize("code", sorted(GRPC_CODES))
def test_a_code_leads_to_the_class_that_means_it_not_to_one_of_its_special_cases(code: str) -> None:
    cls = error_class(code)
    assert cls.grpc_code == code
    assert cls.__name__.upper() == code.replace("_", "")


@pytest.mark.parametrize("code", ["OK", "", "not_found", "TEAPOT"])
def test_what_is_no_code_is_unknown(code: str) -> None:
    assert error_class(code) is Unknown


def test_the_public_names_are_all_there() -> None:
    assert set(errors.__all__) >= {cls.__name__ for cls in ERRORS}
    assert all(hasattr(errors, name) for name in errors.__all__)


def test_parents_come_before_their_children() -> None:
    assert ERRORS[0] is CamundaError
    assert len(ERRORS) == len(set(ERRORS))
    for position, cls in enumerate(ERRORS[1:], 1):
        assert any(base in ERRORS[:position] for base in cls.__bases__)


def test_a_class_defined_elsewhere_does_not_take_the_place_of_a_code() -> None:
    class Shaped(NotFound):
        pass

    assert error_class("NOT_FOUND") is NotFound
    assert Shaped not in list(error_classes())


def test_special_cases_are_caught_by_their_meaning() -> None:
    assert issubclass(InvalidRequest, InvalidArgument)
    assert issubclass(InvalidRequest, ValueError)
    assert issubclass(UnsupportedField, Unimplemented)
    assert issubclass(errors.AuthenticationError, Unauthenticated)
    assert issubclass(ConfigurationError, ValueError)
    assert not issubclass(ConfigurationError, CamundaError)


def test_the_text_names_the_operation_where_it_is_known() -> None:
    assert str(NotFound("no such job")) == "no such job"
    assert str(NotFound("no such job", operation="CompleteJob")) == "CompleteJob: no such job"


def test_an_error_keeps_all_its_parts() -> None:
    problem = Problem(status=429, title="RESOURCE_EXHAUSTED", detail="busy", extra={"path": "/v2/jobs"})
    error = ResourceExhausted(
        "busy", problem=problem, status_details=("detail",), operation="CompleteJob", retry_after=2.5
    )
    assert (error.message, error.problem, error.status_details) == ("busy", problem, ("detail",))
    assert (error.operation, error.retry_after, error.sent, error.answered) == (
        "CompleteJob",
        2.5,
        True,
        True,
    )


def test_what_was_not_sent_was_not_answered() -> None:
    assert Unavailable("refused", sent=False).answered is False
    assert Unavailable("lost", answered=False).sent is True


def test_what_this_library_refuses_was_never_sent() -> None:
    refused = InvalidRequest("variables: NaN is no JSON", operation="CompleteJob")
    assert (refused.sent, refused.answered) == (False, False)
    field = UnsupportedField("needs 8.8", operation="CompleteJob", field="result.type", needs="8.8")
    assert (field.sent, field.field, field.needs) == (False, "result.type", "8.8")


@pytest.mark.parametrize("cls", ERRORS)
@pytest.mark.parametrize("twin", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_survive_copying_and_pickling(cls: type[CamundaError], twin: Any) -> None:
    error = cls("what happened", operation="CompleteJob")
    error.retry_after = 3.0
    other = twin(error)
    assert type(other) is cls
    assert other.__dict__ == error.__dict__
    assert str(other) == "CompleteJob: what happened"


def test_meanings_that_share_an_http_status_stay_apart() -> None:
    assert (Internal.http_status, Unknown.http_status) == (500, 500)
    assert (errors.AlreadyExists.http_status, errors.FailedPrecondition.http_status) == (409, 409)
    assert not issubclass(DeadlineExceeded, Unavailable)
