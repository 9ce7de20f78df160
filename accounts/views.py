"""`/api/me/`, `/api/people/`, `/api/keys/`, `/api/workspace/`, `/api/audit/`."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts import selectors, services
from accounts.models import ApiKey, AuditEntry, User
from accounts.permissions import actor_of
from accounts.roles import Role
from accounts.serializers import (
    AuditEntrySerializer,
    KeyCreatedSerializer,
    KeyCreateSerializer,
    KeySerializer,
    MeSerializer,
    PersonChangeSerializer,
    PersonCreatedSerializer,
    PersonCreateSerializer,
    PersonNameSerializer,
    PersonSerializer,
    WorkspaceSerializer,
)
from common.clock import utcnow
from common.pagination import CursorPages
from common.selectors import workspace


class MeView(APIView):
    """Who is signed in."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Return the name, the role and the workspace of whoever asks."""
        return Response(MeSerializer(selectors.me(request.user)).data)


class WorkspaceView(APIView):
    """The workspace: everybody reads it, admins change it."""

    required_roles: ClassVar = {"PATCH": Role.ADMIN}

    @extend_schema(responses=WorkspaceSerializer)
    def get(self, request: Request) -> Response:
        """Return the workspace."""
        return Response(WorkspaceSerializer(workspace()).data)

    @extend_schema(request=WorkspaceSerializer(partial=True), responses=WorkspaceSerializer)
    def patch(self, request: Request) -> Response:
        """Change what is given."""
        asked = WorkspaceSerializer(workspace(), data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        changed = services.workspace_change(actor_of(request), asked.validated_data, now=utcnow())
        return Response(WorkspaceSerializer(changed).data)


class PeopleView(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[User]):
    """Who signs in. Admins only, but for the names."""

    required_role = Role.ADMIN
    required_roles: ClassVar = {"names": Role.VIEWER}
    queryset = User.objects.all()
    serializer_class = PersonSerializer
    pagination_class = CursorPages
    lookup_value_regex = r"\d+"

    @extend_schema(request=PersonCreateSerializer, responses={201: PersonCreatedSerializer})
    def create(self, request: Request) -> Response:
        """Make a person; if no password is given, one is made and answered, this once."""
        asked = PersonCreateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        person, password = services.user_create(
            actor_of(request), **asked.validated_data, now=utcnow()
        )
        body = PersonSerializer(person).data | {"password": password}
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(request=PersonChangeSerializer(partial=True), responses=PersonSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a person's name or role, or let them sign in no longer, or again."""
        asked = PersonChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        person = services.user_change(
            actor_of(request), int(pk), **asked.validated_data, now=utcnow()
        )
        return Response(PersonSerializer(person).data)

    @extend_schema(responses=PersonNameSerializer(many=True))
    @action(detail=False, pagination_class=None)
    def names(self, _request: Request) -> Response:
        """Return who can look after something: everybody who may sign in, by name."""
        return Response(PersonNameSerializer(selectors.people_named(), many=True).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Let a person sign in no longer. Their name stays on what they did."""
        services.user_change(actor_of(request), int(pk), is_active=False, now=utcnow())
        return Response(status=status.HTTP_204_NO_CONTENT)


class KeysView(mixins.ListModelMixin, GenericViewSet[ApiKey]):
    """API keys. Admins only."""

    required_role = Role.ADMIN
    queryset = ApiKey.objects.all()
    serializer_class = KeySerializer
    pagination_class = CursorPages
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> Any:
        """Return the keys with who made them."""
        return selectors.keys()

    @extend_schema(request=KeyCreateSerializer, responses={201: KeyCreatedSerializer})
    def create(self, request: Request) -> Response:
        """Make a key. It is answered this once and can't be read again."""
        asked = KeyCreateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key, plain = services.key_create(actor_of(request), **asked.validated_data, now=utcnow())
        body = KeySerializer(key).data | {"key": plain}
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Revoke a key. It stays in the list, with the instant."""
        services.key_revoke(actor_of(request), int(pk), now=utcnow())
        return Response(status=status.HTTP_204_NO_CONTENT)


class AuditView(mixins.ListModelMixin, GenericViewSet[AuditEntry]):
    """Who changed what, the newest first. Admins only."""

    required_role = Role.ADMIN
    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    pagination_class = CursorPages
