"""Flow templates over HTTP: the gallery, and using one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.exceptions import ValidationError as RefusedRequest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import actor_of
from common.clock import utcnow
from contacts.models import FieldType
from flows.api.serializers import GraphField
from flows.gallery.answers import AnswersRefused
from flows.gallery.making import template_use
from flows.gallery.showing import gallery
from segments.models import Segment

ASK_TYPES = ("text", "segment", "field", "event", "duration", "number", "email", "url")


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}], "nullable": True})
class AnswerField(serializers.JSONField):
    """A text or a number; null where only a person can say."""


class AskSerializer(serializers.Serializer[Any]):
    """One question, and the answer that fits the workspace."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes it off the class
    help = serializers.CharField(allow_blank=True)
    type = serializers.ChoiceField(choices=ASK_TYPES)
    default = AnswerField(allow_null=True)
    required = serializers.BooleanField()  # type: ignore[assignment]  # DRF takes it off the class
    values_of = serializers.CharField(allow_null=True)
    field_type = serializers.ChoiceField(choices=FieldType.choices, allow_null=True)


class BroughtSegmentSerializer(serializers.Serializer[Any]):
    """A segment that comes with a template."""

    key = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Segment.Kind.choices)
    sentence = serializers.CharField()


class BroughtTemplateSerializer(serializers.Serializer[Any]):
    """An e-mail that comes with a template; the subject as somebody called Ada reads it."""

    key = serializers.CharField()
    name = serializers.CharField()
    subject = serializers.CharField()


class BroughtTopicSerializer(serializers.Serializer[Any]):
    """A topic that comes with a template."""

    key = serializers.CharField()
    name = serializers.CharField()


class BroughtFieldSerializer(serializers.Serializer[Any]):
    """A field that a template looks at."""

    key = serializers.CharField()
    type = serializers.ChoiceField(choices=FieldType.choices)


class BringsSerializer(serializers.Serializer[Any]):
    """What comes with a template."""

    segments = BroughtSegmentSerializer(many=True)
    templates = BroughtTemplateSerializer(many=True)
    topics = BroughtTopicSerializer(many=True)
    fields = BroughtFieldSerializer(many=True)  # type: ignore[assignment]  # DRF takes it off the class


class GalleryStepSerializer(serializers.Serializer[Any]):
    """What a node of a template is and does."""

    group = serializers.ChoiceField(choices=["trigger", "wait", "condition", "action", "end"])
    title = serializers.CharField()
    sentence = serializers.CharField()


class FlowTemplateSerializer(serializers.Serializer[Any]):
    """A flow template. In its words `$(key)` stands where the answer to a question belongs."""

    key = serializers.CharField()
    name = serializers.CharField()
    flow_name = serializers.CharField()
    group = serializers.CharField()
    summary = serializers.CharField()
    description = serializers.CharField()
    enters_words = serializers.CharField()
    stops_words = serializers.CharField()
    goal_words = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)
    asks = AskSerializer(many=True)
    brings = BringsSerializer()
    graph = GraphField()
    steps = serializers.DictField(child=GalleryStepSerializer())


class UseSerializer(serializers.Serializer[Any]):
    """How to use a template: answers by the keys of its questions."""

    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    answers = serializers.DictField(required=False, default=dict)


class KeysSerializer(serializers.Serializer[Any]):
    """Keys of things, by kind."""

    segments = serializers.ListField(child=serializers.CharField())
    templates = serializers.ListField(child=serializers.CharField())
    topics = serializers.ListField(child=serializers.CharField())
    fields = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # as above


class UsedSerializer(serializers.Serializer[Any]):
    """The flow that was made, and what was made or found for it."""

    flow = serializers.CharField()
    made = KeysSerializer()
    reused = KeysSerializer()


class GalleryView(APIView):
    """The flow templates."""

    @extend_schema(
        operation_id="gallery_list",
        responses=FlowTemplateSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Every flow template, with the answers that fit this workspace."""
        return Response(FlowTemplateSerializer(gallery(), many=True).data)


class UseTemplateView(APIView):
    """Making a flow of a template."""

    @extend_schema(
        operation_id="gallery_use", request=UseSerializer, responses={201: UsedSerializer}
    )
    def post(self, request: Request, key: str) -> Response:
        """Make a draft with its segments, e-mails and topics; all of it or nothing."""
        given = UseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        try:
            used = template_use(
                key,
                said["answers"],
                name=said.get("name", ""),
                actor=actor_of(request),
                now=utcnow(),
            )
        except AnswersRefused as refused:
            raise RefusedRequest(
                {
                    f"answers.{key}": [ErrorDetail(detail, refused.code)]
                    for key, detail in refused.problems.items()
                }
            ) from refused
        return Response(UsedSerializer(used).data, status=status.HTTP_201_CREATED)
