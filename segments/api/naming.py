"""`/api/segments/naming/`: the naming convention, and names held against it or made by it."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Role
from segments import conventions
from segments.models import NamingConvention
from segments.naming import (
    DATE_FORMATS,
    KINDS,
    MOST_CHOICES,
    MOST_PARTS,
    Part,
    name_build,
    name_check,
)


class PartSerializer(serializers.Serializer[Any]):
    """One part of a name."""

    key = serializers.SlugField(max_length=50)
    kind = serializers.ChoiceField(choices=KINDS)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=MOST_CHOICES, default=list
    )
    format = serializers.ChoiceField(
        choices=tuple(DATE_FORMATS), default="YYYY-MM", help_text="How a date is written."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add `label` and `required`, names that the class keeps for itself."""
        return {
            **super().get_fields(),
            "label": serializers.CharField(max_length=100),
            "required": serializers.BooleanField(default=True),
        }


class ConventionSerializer(serializers.Serializer[Any]):
    """The parts of a name in order, what stands between them, and what becomes of other names."""

    parts = serializers.ListField(child=PartSerializer(), max_length=MOST_PARTS)
    separator = serializers.CharField(
        max_length=10, trim_whitespace=False, default=" · ", help_text="With its spaces."
    )
    enforce = serializers.ChoiceField(
        choices=NamingConvention.Enforce.choices,
        help_text="`warn` lists what is wrong with a name, `refuse` does not save it.",
    )


class NameSerializer(serializers.Serializer[Any]):
    """A name to be held against the convention."""

    name = serializers.CharField(max_length=200, allow_blank=True, trim_whitespace=False)


class CheckedSerializer(serializers.Serializer[Any]):
    """What is wrong with a name, and what its parts say."""

    ok = serializers.BooleanField()
    problems = serializers.ListField(child=serializers.CharField())
    values = serializers.DictField(child=serializers.CharField())


class ValuesSerializer(serializers.Serializer[Any]):
    """Values of parts to make a name of."""

    values = serializers.DictField(
        child=serializers.CharField(max_length=200, allow_blank=True), allow_empty=True
    )


class BuiltSerializer(serializers.Serializer[Any]):
    """A name made by the convention, and what is wrong with the values."""

    name = serializers.CharField(allow_blank=True)
    problems = serializers.ListField(child=serializers.CharField())


class NamingView(APIView):
    """The convention: everybody reads it, admins change it."""

    required_roles: ClassVar = {"PUT": Role.ADMIN}

    @extend_schema(responses=ConventionSerializer)
    def get(self, request: Request) -> Response:
        """Return the convention; a suggested one, not enforced, while none is agreed on."""
        return Response(_shown(conventions.convention()))

    @extend_schema(request=ConventionSerializer, responses=ConventionSerializer)
    def put(self, request: Request) -> Response:
        """Agree on a convention."""
        asked = ConventionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        parts = [Part(**{**part, "choices": tuple(part["choices"])}) for part in given["parts"]]
        return Response(
            _shown(
                conventions.convention_set(
                    parts=parts, separator=given["separator"], enforce=given["enforce"]
                )
            )
        )


class NamingCheckView(APIView):
    """A name held against the convention, whether or not it is enforced."""

    required_roles: ClassVar = {"POST": Role.VIEWER}

    @extend_schema(request=NameSerializer, responses=CheckedSerializer)
    def post(self, request: Request) -> Response:
        """Say what is wrong with a name, and what its parts say."""
        asked = NameSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = name_check(asked.validated_data["name"], conventions.convention().template)
        return Response(
            {"ok": not found.problems, "problems": found.problems, "values": found.values}
        )


class NamingBuildView(APIView):
    """A name made of its parts."""

    required_roles: ClassVar = {"POST": Role.VIEWER}

    @extend_schema(request=ValuesSerializer, responses=BuiltSerializer)
    def post(self, request: Request) -> Response:
        """Make a name of values."""
        asked = ValuesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        template = conventions.convention().template
        name, problems = name_build(asked.validated_data["values"], template)
        return Response({"name": name, "problems": problems})


def _shown(agreed: conventions.Convention) -> Any:
    template = agreed.template
    given = {"parts": template.parts, "separator": template.separator, "enforce": agreed.enforce}
    return ConventionSerializer(given).data
