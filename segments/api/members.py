"""The members of a segment: who, since when, by hand, and what they did."""

from __future__ import annotations

from typing import Literal

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.clock import utcnow
from common.errors import NotFound
from common.pagination import CursorPages
from segments import selectors, services
from segments.api.shared import MemberPages, SegmentActions
from segments.models import Membership
from segments.serializers import (
    ByHandSerializer,
    ChangedSerializer,
    ChangeSerializer,
    ContactSegmentSerializer,
    HeldOutSerializer,
    HistoryQuery,
    MemberSerializer,
    MembersQuery,
)


class MemberActions(SegmentActions):
    """`members/`, `held-out/`, `history/`, `add/`, `remove/` of a segment."""

    @extend_schema(parameters=[MembersQuery], responses=MemberSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=MemberPages)
    def members(self, request: Request, key: str) -> Response:
        """Return the members, the newest contacts first; `?by_hand=true`: those held in alone."""
        asked = MembersQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.members_of(self.get_object(), **asked.validated_data)
        return self.page(found, MemberSerializer)

    @extend_schema(responses=HeldOutSerializer(many=True))
    @action(detail=True, methods=["get"], url_path="held-out", pagination_class=MemberPages)
    def held_out(self, request: Request, key: str) -> Response:
        """Return who was taken out by hand and is kept out until the rule has been false."""
        return self.page(selectors.held_out_of(self.get_object()), HeldOutSerializer)

    @extend_schema(parameters=[HistoryQuery], responses=ChangeSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=CursorPages)
    def history(self, request: Request, key: str) -> Response:
        """Return joins and leaves, the latest first."""
        asked = HistoryQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.history_of(self.get_object(), **asked.validated_data)
        return self.page(found, ChangeSerializer)

    @extend_schema(request=ByHandSerializer, responses=ChangedSerializer)
    @action(detail=True, methods=["post"])
    def add(self, request: Request, key: str) -> Response:
        """Add contacts by hand: the rule does not take them out."""
        return self._by_hand(request, key, "add")

    @extend_schema(request=ByHandSerializer, responses=ChangedSerializer)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, key: str) -> Response:
        """Remove contacts by hand: while the rule is true they are kept out."""
        return self._by_hand(request, key, "remove")

    def _by_hand(self, request: Request, key: str, change: Literal["add", "remove"]) -> Response:
        asked = ByHandSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        changes = services.members_change(
            key, asked.validated_data["contacts"], change=change, cause="manual", now=utcnow()
        )
        return Response({"changed": len(changes)})


class ContactSegmentsView(generics.ListAPIView[Membership]):
    """The segments that a contact is in."""

    queryset = Membership.objects.none()
    serializer_class = ContactSegmentSerializer
    pagination_class = None

    @extend_schema(responses=ContactSegmentSerializer(many=True))
    def get(self, request: Request, contact_id: int) -> Response:
        """Return the contact's segments by name."""
        if not selectors.contacts_named([contact_id]):
            raise NotFound("there is no such contact")
        found = selectors.memberships_of(contact_id)
        return Response(ContactSegmentSerializer(found, many=True).data)
