"""What the product refuses: every room has a shallow tree of exceptions under `MillraceError`.

`common.api_errors` turns them into the API's one shape. Imports neither Django nor DRF, so that
anything may import this.
"""

from typing import ClassVar


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
