"""Pages by cursor: as quick on the last page as on the first, and stable while rows arrive."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """`{"next", "previous", "results"}`; `?limit=` up to 200. A view sets `ordering`."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    ordering = "-id"
