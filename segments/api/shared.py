"""What the room's views have in common: pages, and how a refused rule or name is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response

from common.pagination import CursorPages
from segments.conventions import NameRefused
from segments.models import Segment
from segments.rules import Problem, RuleRefused
from segments.services import RuleInvalid


class SegmentActions(viewsets.GenericViewSet[Segment]):
    """Some of the actions of `/api/segments/`; `SegmentViewSet` is made of all of them."""

    def page(
        self, found: QuerySet[Any], serializer: type[serializers.BaseSerializer[Any]]
    ) -> Response:
        """Answer one page of rows."""
        page = self.paginate_queryset(found)
        return self.get_paginated_response(serializer(page, many=True).data)


class MemberPages(CursorPages):
    """By contact, the newest first: every position is unique, however many join at once."""

    ordering = "-contact_id"


@contextmanager
def refusals() -> Iterator[None]:
    """Answer a refused rule or name with all that is wrong with it, each at its place."""
    try:
        yield
    except (RuleInvalid, RuleRefused) as refused:
        raise rule_refusal(refused.problems) from None
    except NameRefused as refused:
        raise ValidationError(
            {"name": [ErrorDetail(problem, "naming") for problem in refused.problems]}
        ) from None


def rule_refusal(problems: Iterable[Problem]) -> ValidationError:
    """Return the answer to a rule that can't be put to use."""
    by_place: dict[str, list[ErrorDetail]] = {}
    for problem in problems:
        place = f"rule.{problem.path}" if problem.path else "rule"
        by_place.setdefault(place, []).append(ErrorDetail(problem.detail, problem.code))
    return ValidationError(by_place)
