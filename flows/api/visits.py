"""The people inside a flow, over HTTP: take them out, move them, send them on now."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import actor_of
from common.clock import utcnow
from common.errors import NotFound
from contacts.models import Contact
from flows.chosen import MOST_NAMED, Chosen
from flows.people import Acted, people_act

_Id = serializers.IntegerField


class ChosenSerializer(serializers.Serializer[Any]):
    """Whom: all that is given must hold, and something must be. `all` means everybody.

    `failed`: only those who have failed, or only those who have not.
    """

    visits = serializers.ListField(
        child=_Id(min_value=1, max_value=2**62), required=False, max_length=MOST_NAMED
    )
    contacts = serializers.ListField(
        child=_Id(min_value=1, max_value=2**62), required=False, max_length=MOST_NAMED
    )
    node = serializers.CharField(required=False, max_length=100)
    search = serializers.CharField(required=False, max_length=200)
    all = serializers.BooleanField(required=False, default=False)
    failed = serializers.BooleanField(required=False, allow_null=True, default=None)

    def chosen(self) -> Chosen:
        """Whom the request means."""
        said: dict[str, Any] = self.validated_data
        contacts = said.get("contacts")
        if "contact" in said:
            contacts = [*(contacts or ()), said["contact"]]
        return Chosen(
            visits=tuple(said["visits"]) if "visits" in said else None,
            contacts=None if contacts is None else tuple(contacts),
            node=said.get("node"),
            kind=said.get("kind"),
            search=said.get("search"),
            everybody=said["all"],
            failed=said["failed"],
        )


class RemoveSerializer(ChosenSerializer):
    """Whom to take out; `contact` is one of `contacts`."""

    contact = _Id(min_value=1, max_value=2**62, required=False)


class MoveSerializer(ChosenSerializer):
    """Whom to move, and `to` which step."""

    to = serializers.CharField(max_length=100)


class GoOnSerializer(ChosenSerializer):
    """Whom to send on; `branch`: by which way a wait is left, if not by the usual one."""

    branch = serializers.CharField(required=False, max_length=100)


class ActedSerializer(serializers.Serializer[Any]):
    """How many are meant. Where they are very many, a job does it (`/api/jobs/{job}/`)."""

    count = serializers.IntegerField()
    job = serializers.UUIDField(allow_null=True)


def answered(acted: Acted) -> Response:
    """How many were meant, and by which job it is done."""
    shown = ActedSerializer({"count": acted.count, "job": acted.job}).data
    return Response(shown, status=status.HTTP_202_ACCEPTED)


class RemoveView(APIView):
    """People are taken out of a flow."""

    @extend_schema(request=RemoveSerializer, responses={202: ActedSerializer})
    def post(self, request: Request, key: str) -> Response:
        """Take people out, wherever they rest; what is still queued for them is called back."""
        given = RemoveSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        contact = given.validated_data.get("contact")
        if contact is not None and not Contact.objects.filter(id=contact).exists():
            raise NotFound("There is no such contact.", attr="contact")
        return answered(
            people_act(key, "remove", given.chosen(), {}, actor=actor_of(request), now=utcnow())
        )


class MoveView(APIView):
    """People are moved from one step to another."""

    @extend_schema(request=MoveSerializer, responses={202: ActedSerializer})
    def post(self, request: Request, key: str) -> Response:
        """Move people to a step; it is done there at once."""
        given = MoveSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        to = {"to": given.validated_data["to"]}
        return answered(
            people_act(key, "move", given.chosen(), to, actor=actor_of(request), now=utcnow())
        )


class GoOnView(APIView):
    """Rests end before their time."""

    @extend_schema(request=GoOnSerializer, responses={202: ActedSerializer})
    def post(self, request: Request, key: str) -> Response:
        """End a wait now: by `next`, by `timeout` where there is no `next`, or by a branch."""
        given = GoOnSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        branch = given.validated_data.get("branch")
        by = {"branch": branch} if branch else {}
        return answered(
            people_act(key, "go_on", given.chosen(), by, actor=actor_of(request), now=utcnow())
        )
