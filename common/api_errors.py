"""Exceptions as the API answers them: `{"type", "errors": [{"code", "detail", "attr"}]}`."""

from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError

from common.errors import MillraceError


class _AsAPIException(APIException):
    """A MillraceError in the clothes that DRF's handler knows."""

    def __init__(self, error: MillraceError) -> None:
        super().__init__(error.detail, error.code)
        self.status_code = error.status
        self.attr = error.attr


def _too_large() -> APIException:
    error = APIException("This request is too large.", "too_large")
    error.status_code = 413
    return error


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
        if isinstance(exc, RequestDataTooBig):
            return _too_large()
        if isinstance(exc, DataError):
            # Behind every check of ours: PostgreSQL was given a value that it can't hold.
            return ValidationError("A value is out of range.", "out_of_range")
        converted: Exception = super().convert_known_exceptions(exc)
        return converted


def _nested(error: MillraceError) -> list[ErrorDetail] | dict[str, list[ErrorDetail]]:
    """Put a detail under its attr if it has one, as a serializer would have."""
    detail = [ErrorDetail(error.detail, error.code)]
    return {error.attr: detail} if error.attr else detail
