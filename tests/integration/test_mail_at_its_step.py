"""Whether a mail goes out is decided as the contact stands at its step, not after the pass."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contacts.models import Topic
from flows.trial import Scene, SceneContact, SceneFlow, simulate
from messaging.models import Message
from messaging.rendering import Parts
from tests.builders_flows import Stage, build_flow, build_graph, build_template, on

pytestmark = pytest.mark.django_db

NEWS = ("send_email", {"template": "hello", "topic": "news"})


def consent(state: str) -> tuple[str, dict[str, Any]]:
    return "set_consent", {"topic": "news", "state": state}


@pytest.mark.parametrize(
    ("steps", "statuses"),
    [
        ([NEWS, consent("unsubscribed"), NEWS], ["queued", "withheld"]),
        ([consent("unsubscribed"), NEWS, consent("subscribed"), NEWS], ["withheld", "queued"]),
        ([NEWS, ("update_fields", {"unset": ["email"]}), NEWS], ["queued", "withheld"]),
        (
            [NEWS, ("record_event", {"name": "Unsubscribed", "properties": {}}), NEWS],
            ["queued", "withheld"],
        ),
    ],
)
def test_what_a_later_step_changes_does_not_concern_an_earlier_mail(
    steps: list[Any], statuses: list[str]
) -> None:
    stage = Stage()
    build_template()
    Topic.objects.create(key="news", name="News", opt_in=False)
    ways = ["in next s0", *(f"s{n} next s{n + 1}" for n in range(len(steps) - 1))]
    nodes = {"in": on("A"), **{f"s{n}": step for n, step in enumerate(steps)}}
    build_flow("a", nodes, ways)
    stage.does("ada", "A")
    found = Message.objects.order_by("step").values_list("status", flat=True)
    assert list(found) == statuses


def test_a_simulation_decides_at_the_step_too_and_asks_once_more_before_sending() -> None:
    drawn = build_graph({"in": on("A"), "mail": NEWS, "no": consent("unsubscribed"), "again": NEWS},
                  ["in next mail", "mail next no", "no next again"])  # fmt: skip
    scene = Scene(flows=[SceneFlow("a", drawn)], templates={"hello": Parts("Hi", text="Hi")})
    ada = SceneContact(fields={"email": "ada@example.com"})
    begins = datetime(2026, 6, 1, tzinfo=UTC)
    timeline = [{"at": "PT5M", "event": "A"}]
    ends = begins + timedelta(days=1)
    queued = simulate(scene, ada, timeline, start=begins, end=ends, deliver=False)
    assert [mail.status for mail in queued.messages] == ["queued", "withheld"]
    sent = simulate(scene, ada, timeline, start=begins, end=ends)
    assert [mail.status for mail in sent.messages] == ["withheld", "withheld"]
