"""How calls to the outside end in a simulation. No IO."""

from __future__ import annotations

from typing import Any, cast

from flows.trial.shapes import Answer, Answered, TrialRefused
from messaging import circuits


def answer_of(said: Any, where: str) -> Answer:
    """Read an answer: `next`, `failed` or an HTTP status.

    Raises
    ------
    TrialRefused
        If it is none of them.
    """
    if isinstance(said, int) and not isinstance(said, bool) and 100 <= said <= 599:
        return said
    if said in ("next", "failed"):
        return cast("Answered", said)
    raise TrialRefused("A call ends by next, failed or an HTTP status.", attr=where)


def branch_of(answer: Answer) -> tuple[Answered, str]:
    """By which branch a call leaves that is answered so, and what is to be noted about that.

    Examples
    --------
    >>> branch_of(204), branch_of(404)
    (('next', ''), ('failed', ''))
    >>> branch_of(503)[0]
    'failed'
    """
    if not isinstance(answer, int):
        return answer, ""
    match circuits.Answer(code=answer).outcome:
        case "done":
            return "next", ""
        case "failed":
            return "failed", ""
        case _:
            return "failed", (
                f"A call answered by {answer} is tried {circuits.MAX_TRIES} times within about a "
                "day; here it has finally failed at once."
            )
