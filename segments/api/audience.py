"""Several segments together, one contact per person: counted before something is sent to them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.models import Workspace
from segments import selectors
from segments.api.shared import SegmentActions
from segments.audience import MOST_SEGMENTS, audience, audience_counts
from segments.serializers import ContactRefSerializer


class AudienceAskedSerializer(serializers.Serializer[Any]):
    """Which segments, without which others, and what tells persons apart."""

    include = serializers.ListField(
        child=serializers.CharField(max_length=100), min_length=1, max_length=MOST_SEGMENTS
    )
    exclude = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=MOST_SEGMENTS, default=list
    )
    key = serializers.ChoiceField(
        choices=Workspace.DedupeKey.choices,
        allow_null=True,
        default=None,
        help_text="null: the workspace's.",
    )


class AudienceSerializer(serializers.Serializer[Any]):
    """What an audience comes to."""

    contacts = serializers.IntegerField()
    people = serializers.IntegerField()
    duplicates = serializers.IntegerField(help_text="Contacts beyond the one of each person.")
    without_key = serializers.IntegerField(help_text="Contacts that can't be told from others.")
    sample = ContactRefSerializer(many=True)


class AudienceActions(SegmentActions):
    """`audience/`."""

    @extend_schema(request=AudienceAskedSerializer, responses=AudienceSerializer)
    @action(detail=False, methods=["post"])
    def audience(self, request: Request) -> Response:
        """Count the persons in several segments, without those in others."""
        asked = AudienceAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = audience_counts(audience(**asked.validated_data))
        shown = {
            "contacts": found.contacts,
            "people": found.people,
            "duplicates": found.duplicates,
            "without_key": found.without_key,
            "sample": selectors.contacts_named(found.sample),
        }
        return Response(AudienceSerializer(shown).data)
