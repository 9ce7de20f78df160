"""Pages by cursor: as quick on the last page as on the first, and stable while rows arrive."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class CursorPages(CursorPagination):
    """`{"next", "previous", "results"}`; `?limit=` up to 200. A view sets `ordering`."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    ordering: Any = "-id"  # a field, or a tuple of them

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        """Return the page; a cursor that we did not make is not found.

        DRF checks a cursor's outer form only: what it says of the position reaches the query, where
        `x` is no number and `9999-99-99` no instant.
        """
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError, DataError) as fault:
            if self.cursor_query_param in request.query_params:
                raise NotFound(self.invalid_cursor_message) from fault
            raise
