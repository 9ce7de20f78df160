"""Requests made from our own OpenAPI document, fitting and misfitting: none is answered with a 500.

The requests are the same on each run, go through the whole of Django in this process, and are
rolled back one by one. Addresses that name a thing are also tried with things that are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.db import transaction
from django.test import Client
from schemathesis.core import NotSet
from schemathesis.core.result import Err
from schemathesis.generation import GenerationMode

from tests.doors import signed_in

EXAMPLES = 6
"""Requests per operation and mode, each sent to what is there and to what is not."""

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

GRAPH = {
    "nodes": [
        {"id": "start", "type": "event", "config": {"name": "Order Completed"}},
        {"id": "end", "type": "exit", "config": {}},
    ],
    "edges": [{"source": "start", "target": "end", "branch": "next"}],
}
IS_SET = {"type": "field", "field": "email", "op": "set"}
RULE = {"type": "all", "rules": [IS_SET]}
MADE = {
    "/api/contacts/": {"email": "ada@example.org", "external_id": "ada"},
    "/api/segments/": {"key": "vip", "name": "VIP", "kind": "dynamic", "rule": RULE},
    "/api/flows/": {"key": "thanks", "name": "Thanks", "graph": GRAPH, "settings": {}},
    "/api/templates/": {
        "key": "hello",
        "name": "Hello",
        "subject": "Hello",
        "html": "<p>Hello {{ contact.first_name }}</p>",
        "text": "Hello",
    },
    "/api/sources/": {"key": "site", "name": "Site"},
    "/api/topics/": {"key": "news", "name": "News"},
    "/api/people/": {"email": "bob@example.org", "role": "viewer"},
    "/api/keys/": {"name": "ci", "role": "viewer"},
}
"""One of each kind, so that what is asked of a thing reaches the thing."""
BY_KEY = {"/api/segments/", "/api/flows/", "/api/templates/", "/api/sources/", "/api/topics/"}


@pytest.fixture
def client() -> Client:
    """A browser in which an admin is signed in, and which does not raise."""
    client = signed_in("admin")
    client.raise_request_exception = False
    return client


def operations(client: Client) -> Iterator[Any]:
    """Return every operation of the document that the product serves."""
    answer = client.get("/api/schema/?format=json")
    assert answer.status_code == 200
    schema = schemathesis.openapi.from_dict(json.loads(answer.content))
    for found in schema.get_all_operations():
        assert not isinstance(found, Err), found
        yield found.ok()


def make_things(client: Client) -> dict[str, str]:
    """Make one thing of each kind that there is; return by collection how an address names it."""
    names = {}
    for collection, body in MADE.items():
        answer = client.post(collection, body, "application/json")
        if answer.status_code == 201:
            made = answer.json()
            names[collection] = str(made["key" if collection in BY_KEY else "id"])
    return names


def addressed(case: Any, names: Mapping[str, str]) -> str:
    """Return the path of a case with its first parameter naming a thing that is there."""
    first, *others = case.path_parameters or {"": None}
    collection = case.operation.path.split("{")[0]
    kept = {name: case.path_parameters[name] for name in others}
    if not first or collection not in names:
        return str(case.formatted_path)
    path: str = case.operation.path.replace(f"{{{first}}}", names[collection])
    for name, value in kept.items():
        path = path.replace(f"{{{name}}}", str(value).replace("/", "%2F"))
    return path


def send(client: Client, case: Any, path: str) -> int:
    """Send a case to a path; what it changes is rolled back."""
    body, media_type = b"", "application/json"
    if not isinstance(case.body, NotSet):
        media_type = case.media_type or media_type
        body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
    query = {name: value for name, value in (case.query or {}).items() if value is not None}
    with transaction.atomic():
        answer = client.generic(case.method, path, body, media_type, query_params=query)
        transaction.set_rollback(True)
    return answer.status_code


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_made_from_the_document_is_answered_with_a_500(
    client: Client, mode: GenerationMode
) -> None:
    names = make_things(client)
    assert set(names) == set(MADE)
    faults: dict[str, str] = {}
    for operation in operations(client):

        @hypothesis.seed(20260501)
        @hypothesis.settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def try_it(case: Any) -> None:
            for path in {case.formatted_path, addressed(case, names)}:
                status = send(client, case, path)
                if status >= 500 and status != 503:  # 503: /api/health/ without an engine
                    faults.setdefault(case.operation.label, f"{status} {case.as_curl_command()}")

        try:
            try_it()
        except hypothesis.errors.Unsatisfiable:
            continue  # nothing can be misfitting where nothing is asked for
    assert faults == {}
