"""What the product refuses, and the one shape in which the API says so.

Every room has a shallow tree of exceptions under `MillraceError`; the API turns them into
`{"type", "errors": [{"code", "detail", "attr"}]}` with the right status.
"""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_standardized_errors.handler import ExceptionHandler, exception_handler as standard_handler
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response


class MillraceError(Exception):
    """A request that can't be fulfilled; `detail` is a sentence a person can act on.

    Parameters
    ----------
    detail
        The sentence.
    code
        A word for programs; the class's own if not given.
    attr
        The field of the request that is at fault, dotted (`rule.rules.0.value`), if one is.
    """

    status: ClassVar[int] = 400
    default_code: ClassVar[str] = "refused"

    def __init__(self, detail: str, *, code: str | None = None, attr: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code
        self.attr = attr


class Refused(MillraceError):
    """The request says something that can't be done."""


class NotFound(MillraceError):
    """What the request speaks of is not there."""

    status = 404
    default_code = "not_found"


class Conflict(MillraceError):
    """The request was made against a state that has changed since."""

    status = 409
    default_code = "conflict"


class _AsAPIException(APIException):
    """A MillraceError in the clothes that DRF's handler knows."""

    def __init__(self, error: MillraceError) -> None:
        super().__init__(error.detail, error.code)
        self.status_code = error.status
        self.attr = error.attr


class Handler(ExceptionHandler):
    """drf-standardized-errors' handler, which also knows the product's own exceptions."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """Turn what DRF does not know into what it does."""
        if isinstance(exc, MillraceError):
            if exc.status == 400:
                return ValidationError(_nested(exc))
            return _AsAPIException(exc)
        if isinstance(exc, DjangoValidationError):
            return ValidationError(exc.messages)
        converted: Exception = super().convert_known_exceptions(exc)
        return converted


def _nested(error: MillraceError) -> dict[str, Any] | list[ErrorDetail]:
    """Put a detail under its dotted attr, as a serializer would have."""
    detail: Any = [ErrorDetail(error.detail, error.code)]
    if error.attr is None:
        return {"non_field_errors": detail}
    return {error.attr: detail}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception in the API's one shape. DRF's `EXCEPTION_HANDLER`."""
    response: Response | None = standard_handler(exc, context)
    return response
