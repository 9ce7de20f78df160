"""Flows over HTTP: drafts, publishing, counts, people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import ValidationError
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail
from rest_framework.exceptions import ValidationError as RefusedRequest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import actor_of
from common.clock import utcnow
from common.errors import NotFound, Refused
from common.lanes import lane_of
from common.pagination import CursorPages
from contacts.models import Contact
from contacts.selectors import contacts_search
from flows import lives, selectors, services
from flows.api import serializers as shapes
from flows.api.secrets import HidesSecrets
from flows.graph import Node, Problem, problems_of, sentence_of
from flows.models import Flow, FlowVersion, Rollout, Visit
from flows.nodes import NODE_TYPES
from flows.nodes.base import NEXT
from flows.rollouts import job_under_way

LARGEST_ID = 2**63 - 1


class FlowPages(CursorPages):
    """Flows, the last changed first."""

    ordering = ("-updated_at", "-id")


class VisitPages(CursorPages):
    """Visits, the newest first."""

    ordering = "-id"


class FlowViewSet(HidesSecrets, viewsets.GenericViewSet[Flow]):
    """Flows: their drafts, versions, lives and numbers."""

    queryset = Flow.objects.select_related("live_version")
    serializer_class = shapes.FlowSerializer
    pagination_class = FlowPages
    lookup_field = "key"
    lookup_value_converter = "slug"
    required_roles: ClassVar[dict[str, str]] = {"validate": "viewer", "sentences": "viewer"}

    @extend_schema(
        parameters=[
            OpenApiParameter("search", OpenApiTypes.STR),
            OpenApiParameter("status", OpenApiTypes.STR),
        ],
        responses=shapes.FlowRowSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """Every flow with its totals."""
        flows: QuerySet[Flow] = self.get_queryset()
        if search := request.query_params.get("search"):
            flows = flows.filter(name__icontains=search)
        if wanted := request.query_params.get("status"):
            flows = flows.filter(status=wanted)
        page = self.paginate_queryset(flows) or []
        known = selectors.known_now()
        problems = {
            flow.id: len(problems_of(*services.draft_parts(flow.graph, flow.settings), known))
            for flow in page
        }
        counts = selectors.counts_of([flow.id for flow in page])
        rows = shapes.FlowRowSerializer(
            page, many=True, context={"problems": problems, "counts": counts}
        )
        return self.get_paginated_response(rows.data)

    @extend_schema(request=shapes.FlowCreateSerializer, responses={201: shapes.FlowSerializer})
    def create(self, request: Request) -> Response:
        """Add a flow as a draft; it may hold any fault."""
        given = shapes.FlowCreateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        flow = services.flow_create(**given.validated_data, actor=actor_of(request), now=utcnow())
        return self._answer(flow, code=status.HTTP_201_CREATED)

    @extend_schema(responses=shapes.FlowSerializer)
    def retrieve(self, request: Request, key: str) -> Response:
        """A flow with its draft, its faults and its live version."""
        return self._answer(selectors.flow_by_key(key))

    @extend_schema(request=shapes.FlowUpdateSerializer, responses=shapes.FlowSerializer)
    def update(self, request: Request, key: str) -> Response:
        """Save the draft. A stale revision is answered 409, and nothing is lost."""
        selectors.flow_by_key(key)
        given = shapes.FlowUpdateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        by = getattr(request.user, "name", "") or actor_of(request).label
        return self._answer(services.flow_update(key, **given.validated_data, now=utcnow(), by=by))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, key: str) -> Response:
        """Delete a draft that was never published."""
        services.flow_delete(key, actor=actor_of(request), now=utcnow())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=shapes.DraftSerializer, responses=shapes.ProblemsSerializer)
    @action(detail=False, methods=["post"])
    def validate(self, request: Request) -> Response:
        """The faults of a draft that is not saved."""
        given = shapes.DraftSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        problems = services.draft_problems(**given.validated_data)
        return Response(shapes.ProblemsSerializer({"problems": problems}).data)

    @extend_schema(request=shapes.SentencesSerializer, responses={200: OpenApiTypes.OBJECT})
    @action(detail=False, methods=["post"])
    def sentences(self, request: Request) -> Response:
        """What each node does, in one sentence: `{id: sentence}`."""
        given = shapes.SentencesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        names = selectors.names_now()
        found: dict[str, str] = {}
        for data in given.validated_data["nodes"]:
            try:
                node = Node.model_validate(data)
            except ValidationError as refused:
                raise Refused(str(refused.errors()[0]["msg"]), attr="nodes") from refused
            found[node.id] = sentence_of(node, names)
        return Response(found)

    @extend_schema(request=shapes.PublishSerializer, responses=shapes.PublishedSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, key: str) -> Response:
        """Freeze the draft as the next version and let it live."""
        given = shapes.PublishSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            version = lives.flow_publish(
                key, **given.validated_data, actor=actor_of(request), now=utcnow()
            )
        except lives.FlowHasProblemsError as refused:
            raise RefusedRequest(by_place(refused.problems)) from refused
        return Response({"version": version.number})

    @extend_schema(request=None, responses=shapes.FlowSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, key: str) -> Response:
        """Let nobody in and move nobody."""
        return self._answer(lives.flow_pause(key, actor=actor_of(request), now=utcnow()))

    @extend_schema(request=None, responses=shapes.ResumedSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, key: str) -> Response:
        """Go on; what fell due during the pause goes on at once, or by a job if many are inside."""
        flow = lives.flow_resume(key, actor=actor_of(request), now=utcnow())
        context = {
            "problems": services.draft_problems(flow.graph, flow.settings),
            "job": job_under_way(flow, Rollout.Kind.RESUME),
        }
        return Response(shapes.ResumedSerializer(flow, context=context).data)

    @extend_schema(request=None, responses=shapes.ArchivedSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, key: str) -> Response:
        """End the flow and every visit in it: at once, or by a job if many are inside."""
        flow, ended = lives.flow_archive(key, actor=actor_of(request), now=utcnow())
        context = {
            "problems": services.draft_problems(flow.graph, flow.settings),
            "job": job_under_way(flow, Rollout.Kind.END),
            "ended": ended,
        }
        return Response(shapes.ArchivedSerializer(flow, context=context).data)

    @extend_schema(responses=shapes.VersionRowSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, key: str) -> Response:
        """Every version, the newest first."""
        flow = selectors.flow_by_key(key)
        rows = flow.versions.select_related("published_by").order_by("-number")
        context = {"live_version_id": flow.live_version_id}
        return Response(shapes.VersionRowSerializer(rows, many=True, context=context).data)

    @extend_schema(responses=shapes.VersionSerializer)
    @action(detail=True, methods=["get"], url_path="versions/<int:number>", url_name="version")
    def version(self, request: Request, key: str, number: int) -> Response:
        """One version with its graph."""
        flow = selectors.flow_by_key(key)
        if number > 2**31 - 1:
            raise NotFound(f"The flow “{key}” has no version {number}.")
        version: FlowVersion = selectors.version_of(flow, number)
        context = {"live_version_id": flow.live_version_id}
        return Response(shapes.VersionSerializer(version, context=context).data)

    @extend_schema(responses=shapes.CountsSerializer)
    @action(detail=True, methods=["get"])
    def counts(self, request: Request, key: str) -> Response:
        """The numbers of a flow: per node and in total."""
        counts = selectors.flow_counts(selectors.flow_by_key(key), now=utcnow())
        return Response(shapes.CountsSerializer(counts).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("node", OpenApiTypes.STR),
            OpenApiParameter(
                "outcome",
                OpenApiTypes.STR,
                enum=["inside", "completed", "converted", "exited", "failed"],
            ),
            OpenApiParameter("search", OpenApiTypes.STR),
        ],
        responses=shapes.VisitRowSerializer(many=True),
    )
    @action(detail=True, methods=["get"], pagination_class=VisitPages)
    def visits(self, request: Request, key: str) -> Response:
        """The people of a flow: all, at one node, or with one outcome."""
        flow = selectors.flow_by_key(key)
        visits = Visit.objects.filter(flow=flow).select_related("version")
        if node := request.query_params.get("node"):
            visits = visits.filter(node=node)
        if outcome := request.query_params.get("outcome"):
            visits = visits.filter(state=outcome)
        if search := request.query_params.get("search"):
            found = contacts_search(search=search).values("id")
            visits = visits.filter(contact_id__in=found)
        pages = VisitPages()
        page = pages.paginate_queryset(visits, request, view=self) or []
        context = {"people": _people([visit.contact_id for visit in page])}
        rows = shapes.VisitRowSerializer(page, many=True, context=context)
        return pages.get_paginated_response(rows.data)

    @extend_schema(request=shapes.OneContactSerializer, responses={202: None})
    @action(detail=True, methods=["post"])
    def add(self, request: Request, key: str) -> Response:
        """Let a contact in by hand, as the flow's settings allow."""
        contact = _contact_given(request)
        services.contacts_add(key, [contact.id], actor=actor_of(request), now=utcnow())
        return Response(status=status.HTTP_202_ACCEPTED)

    def _answer(self, flow: Flow, *, code: int = status.HTTP_200_OK) -> Response:
        flow = selectors.flow_by_key(flow.key)
        problems = services.draft_problems(flow.graph, flow.settings)
        data = shapes.FlowSerializer(flow, context={"problems": problems}).data
        return Response(data, status=code)


def by_place(problems: Iterable[Problem]) -> dict[str, list[ErrorDetail]]:
    """Every fault of a draft as the errors of a request: `graph.<node>.<field>`."""
    found: dict[str, list[ErrorDetail]] = {}
    for problem in problems:
        start = "settings" if problem.node is None and problem.field else "graph"
        place = ".".join(filter(None, (start, problem.node, problem.field)))
        found.setdefault(place, []).append(ErrorDetail(problem.detail, problem.code))
    return found


def _contact_given(request: Request) -> Contact:
    given = shapes.OneContactSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    contact = Contact.objects.filter(id=given.validated_data["contact"]).first()
    if contact is None:
        raise NotFound("There is no such contact.", attr="contact")
    return contact


def _people(contact_ids: list[int]) -> dict[int, dict[str, Any]]:
    """Who the contacts of one page are, by one statement."""
    columns = ("id", "external_id", "email", "first_name", "last_name")
    found = Contact.objects.filter(id__in=contact_ids).values(*columns)
    return {
        row["id"]: {
            "id": row["id"],
            "external_id": row["external_id"],
            "email": row["email"],
            "name": " ".join(part for part in (row["first_name"], row["last_name"]) if part),
        }
        for row in found
    }


class NodeTypesView(APIView):
    """Every kind of step there is."""

    @extend_schema(responses=shapes.NodeTypeSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What palette and inspector are made of."""
        rows = [
            {
                "type": node_type.type,
                "group": node_type.group,
                "icon": node_type.icon,
                "title": node_type.title,
                "description": node_type.description,
                "branches": _branches(node_type),
                "config_schema": node_type.Config.model_json_schema(by_alias=True),
                "defaults": _defaults(node_type),
            }
            for node_type in NODE_TYPES.values()
        ]
        return Response(shapes.NodeTypeSerializer(rows, many=True).data)


def _branches(node_type: Any) -> list[str]:
    """The ways out of a fresh node; a type whose config decides them starts with `next`."""
    try:
        return list(node_type.branches(node_type.Config.model_construct()))
    except AttributeError:
        return [NEXT]


def _defaults(node_type: Any) -> dict[str, Any]:
    """The config of a fresh node: the schema's example, or what it says where nothing is chosen."""
    schema = node_type.Config.model_json_schema(by_alias=True)
    for example in schema.get("examples", []):
        return dict(example)
    properties: dict[str, Any] = schema.get("properties", {})
    return {
        key: shape["default"]
        for key, shape in properties.items()
        if shape.get("default") is not None
    }


class ContactVisitsView(APIView):
    """A contact's way through flows."""

    @extend_schema(responses=shapes.ContactVisitsSerializer)
    def get(self, request: Request, contact_id: int) -> Response:
        """Every visit with its path, newest first."""
        if contact_id > LARGEST_ID or not Contact.objects.filter(id=contact_id).exists():
            raise NotFound("There is no such contact.")
        visits = selectors.visits_of_contact(contact_id, lane_of(contact_id))
        return Response(shapes.ContactVisitsSerializer({"results": visits}).data)
