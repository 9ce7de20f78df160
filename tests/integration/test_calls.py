"""Calls to other systems: a real server, what it answers, and what becomes of who waits for it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from accounts.permissions import COMMAND
from common.models import Workspace
from contacts.services import contact_delete, contacts_merge
from flows.lives import flow_pause, flow_resume
from messaging.calling import CLAIM_LASTS, PER_HOST, calls_make, calls_recover
from messaging.calls import calls_cancel, circuits_open
from messaging.circuits import MAX_TRIES, OPENS_AFTER, Answer
from messaging.models import Call, CallHost
from messaging.outgoing import HttpCaller, Request
from messaging.secrets import signing_secrets, webhook_secret_rotate
from tests.builders_flows import Stage, build_flow, everything_adds_up, on, redraw
from tests.calls import Heard, Reply, http_server, make

pytestmark = pytest.mark.django_db


def build_hook(url: str, key: str = "hook", **config: Any) -> None:
    """A flow whose contacts have an address called, and go on by how that ended."""
    build_flow(
        key,
        {
            "in": on("Signed Up"),
            "call": ("webhook", {"url": url, **config}),
            "good": ("adjust_score", {"by": 1}),
            "bad": ("adjust_score", {"by": -1}),
        },
        ["in next call", "call next good", "call failed bad"],
    )


@pytest.fixture
def stage() -> Stage:
    return Stage()


def status() -> list[str]:
    return list(Call.objects.order_by("id").values_list("status", flat=True))


def test_a_contact_rests_until_the_call_has_succeeded(stage: Stage) -> None:
    with http_server() as server:
        build_hook(
            server.url + "/leads/{{ external_id | url_encode }}?x=1",
            method="PUT",
            headers={"Authorization": "Bearer {{ trigger.token }}"},
            body='{"name": "{{ first_name }}"}',
        )
        stage.contact("ada", first_name="Ada")
        stage.does("ada", "Signed Up", token="t1")
        assert stage.visit("ada", "hook").node == "call"
        assert status() == ["queued"]
        assert server.heard == []
        make(stage.now)
        stage.settle()
    [heard] = server.heard
    assert (heard.method, heard.path) == ("PUT", "/leads/ada?x=1")
    assert heard.json() == {"name": "Ada"}
    assert heard.headers["Authorization"] == "Bearer t1"
    assert heard.headers["Content-Type"] == "application/json"
    assert stage.path("ada", "hook") == ["in", "call", "good"]
    assert stage.visit("ada", "hook").state == "completed"
    call = Call.objects.get()
    assert (call.status, call.tries, call.answer["code"], call.answer["body"]) == (
        "done",
        1,
        200,
        "ok",
    )
    everything_adds_up()


def test_a_call_is_signed_and_keeps_its_key_over_all_tries(stage: Stage) -> None:
    codes = iter([503, 200, 200])
    with http_server(lambda heard: Reply(next(codes))) as server:
        build_hook(server.url, body="{}")
        stage.does("ada", "Signed Up")
        make(stage.now)
        stage.after("PT2M")
        make(stage.now)
        first, second = server.heard
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
        old = signing_secrets()[0]
        new = webhook_secret_rotate(COMMAND, now=stage.now)
        stage.does("bob", "Signed Up")
        make(stage.now)
    third = server.heard[2]
    for secret, heard in ((old, first), (old, third), (new, third)):
        _verify(secret, heard)


def _verify(secret: str, heard: Heard) -> None:
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(int(heard.headers["webhook-timestamp"]), UTC)
    expected = Webhook(secret).sign(heard.headers["webhook-id"], at, heard.body)
    assert expected in heard.headers["webhook-signature"].split()


def test_trouble_is_tried_again_later_and_later_and_given_up_after_a_day(stage: Stage) -> None:
    with http_server(lambda heard: Reply(502)) as server:
        build_hook(server.url)
        stage.does("ada", "Signed Up")
        waits = []
        for tries in range(1, MAX_TRIES + 1):
            CallHost.objects.all().delete()
            make(stage.now)
            call = Call.objects.get()
            assert call.tries == tries
            if tries < MAX_TRIES:
                assert call.status == "queued"
                waits.append(call.next_try_at - stage.now)
                stage.run_until(call.next_try_at)
    assert waits == sorted(waits)
    assert timedelta(hours=17) < sum(waits, timedelta()) < timedelta(hours=29)
    assert Call.objects.get().status == "failed"
    stage.settle()
    assert stage.path("ada", "hook") == ["in", "call", "bad"]
    assert len(server.heard) == MAX_TRIES


@pytest.mark.parametrize("code", [301, 400, 401, 404, 410, 422])
def test_a_refusal_is_for_good(stage: Stage, code: int) -> None:
    with http_server(lambda heard: Reply(code, headers={"Location": "/elsewhere"})) as server:
        build_hook(server.url)
        stage.does("ada", "Signed Up")
        make(stage.now)
        stage.settle()
    assert len(server.heard) == 1, "nothing follows a redirect"
    assert stage.path("ada", "hook") == ["in", "call", "bad"]
    assert str(code) in Call.objects.get().answer["error"]
    assert CallHost.objects.count() == 0


@pytest.mark.parametrize(
    ("asked", "waits"),
    [("120", 120), ("999999999", 6 * 3600), ("0", 1), ("Mon, 01 Jan 2001 00:00:00 GMT", 1)],
)
def test_a_server_may_say_when_to_come_again(stage: Stage, asked: str, waits: int) -> None:
    with http_server(lambda heard: Reply(429, headers={"Retry-After": asked})) as server:
        build_hook(server.url)
        stage.does("ada", "Signed Up")
        make(stage.now)
    assert Call.objects.get().next_try_at == stage.now + timedelta(seconds=waits)


def test_a_host_that_keeps_failing_is_left_alone_and_probed(stage: Stage) -> None:
    healthy = threading.Event()
    with http_server(lambda heard: Reply(200 if healthy.is_set() else 500)) as server:
        build_hook(server.url)
        for i in range(OPENS_AFTER):
            stage.does(f"early{i}", "Signed Up")
        make(stage.now)
        [circuit] = circuits_open()
        assert circuit.host == server.url.removeprefix("http://")
        stage.does("late", "Signed Up")
        make(stage.now)
        assert len(server.heard) == OPENS_AFTER, "nothing goes to an open circuit"
        late = Call.objects.latest("id")
        assert (late.status, late.tries) == ("queued", 0), "waiting uses up no tries"

        stage.run_until(circuit.retry_at)
        make(stage.now)
        assert len(server.heard) == OPENS_AFTER + 1, "one probe"
        [still] = circuits_open()
        assert still.retry_at - stage.now > timedelta(minutes=1), "the next pause is longer"

        healthy.set()
        stage.run_until(still.retry_at)
        make(stage.now)
        stage.run_until(stage.now + timedelta(hours=1))
        make(stage.now)
        stage.settle()
    assert circuits_open() == []
    assert set(status()) == {"done"}
    assert stage.states("hook") == ["completed"] * (OPENS_AFTER + 1)


def test_a_slow_host_keeps_no_other_waiting(stage: Stage) -> None:
    held = threading.Event()
    quick_done = threading.Event()

    def answer_quick(heard: Heard) -> Reply:
        if len(quick.heard) == 30:
            quick_done.set()
        return Reply()

    with (
        http_server(lambda heard: Reply(wait=held)) as slow,
        http_server(answer_quick) as quick,
    ):
        build_hook(slow.url, "slow", timeout="PT20S")
        build_hook(quick.url, "quick")
        for i in range(30):
            stage.accepts(f"c{i}", "Signed Up")
        stage.settle()

        def free_the_slow() -> None:
            quick_done.wait(15)
            held.set()

        threading.Thread(target=free_the_slow, daemon=True).start()
        make(stage.now)
        assert quick_done.is_set(), "the quick host's calls did not wait for the slow one's"
        assert slow.most_at_once <= PER_HOST
    stage.settle()
    assert status().count("done") == 60


def test_a_contact_whose_liquid_fails_is_parked_alone(stage: Stage) -> None:
    with http_server() as server:
        build_hook(server.url, body="{{ trigger.n | divided_by: trigger.by }}")
        stage.does("ada", "Signed Up", n=6, by=0)
        stage.does("bob", "Signed Up", n=6, by=2)
        make(stage.now)
        stage.settle()
    assert stage.states("hook") == ["failed", "completed"]
    assert [heard.body for heard in server.heard] == ["3"]


def test_a_call_of_a_visit_that_is_out_is_not_made(stage: Stage) -> None:
    with http_server() as server:
        build_flow(
            "hook",
            {"in": on("Signed Up"), "call": ("webhook", {"url": server.url})},
            ["in next call"],
            settings={"exit_when": [{"type": "event", "name": "Left"}]},
        )
        stage.does("ada", "Signed Up")
        stage.does("ada", "Left")
        make(stage.now)
    assert server.heard == []
    call = Call.objects.get()
    assert (call.status, call.reason) == ("cancelled", "left the flow: did Left")


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [(503, "cancelled", "left the flow: Left"), (200, "done", ""), (404, "failed", "")],
)
def test_a_call_under_way_when_its_visit_ends_is_not_tried_again(
    stage: Stage, code: int, status: str, reason: str
) -> None:
    left = threading.Event()
    looks: list[bool] = []

    def answer(request: Request) -> Answer:
        left.wait(10)
        return Answer(code=code)

    def meanwhile() -> bool:
        """What happens between the beginning of the call and its end."""
        looks.append(True)
        if len(looks) == 2:
            calls_cancel([(visit.lane, visit.id)], reason="left the flow: Left", now=stage.now)
            left.set()
        return False

    build_hook("https://crm.example/")
    stage.does("ada", "Signed Up")
    visit = stage.visit("ada", "hook")
    calls_make(clock=lambda: stage.now, caller=answer, stop=meanwhile)
    call = Call.objects.get()
    assert (call.status, call.reason) == (status, reason)
    assert call.finished_at is not None


def test_an_answer_during_a_pause_counts_when_the_flow_goes_on(stage: Stage) -> None:
    with http_server() as server:
        build_hook(server.url)
        stage.does("ada", "Signed Up")
        flow_pause("hook", actor=COMMAND, now=stage.now)
        make(stage.now)
        stage.settle()
        assert stage.visit("ada", "hook").node == "call"
        flow_resume("hook", actor=COMMAND, now=stage.now)
        stage.settle()
    assert stage.path("ada", "hook") == ["in", "call", "good"]
    assert len(server.heard) == 1


def test_a_call_goes_along_when_its_contact_turns_out_to_be_another(stage: Stage) -> None:
    with http_server() as server:
        build_hook(server.url)
        lost, kept = stage.contact("ada"), stage.contact("bob")
        stage.does("ada", "Signed Up")
        contacts_merge(kept_id=kept, lost_id=lost, now=stage.now)
        stage.settle()
        make(stage.now)
        stage.settle()
    assert len(server.heard) == 1
    assert Call.objects.get().contact_id == kept
    assert stage.path("bob", "hook") == ["in", "call", "good"]


def test_a_call_goes_when_its_contact_is_deleted(stage: Stage) -> None:
    with http_server() as server:
        build_hook(server.url)
        ada = stage.contact("ada")
        stage.does("ada", "Signed Up")
        contact_delete(ada)
        make(stage.now)
    assert server.heard == []
    assert Call.objects.count() == 0


def test_publishing_anew_makes_no_second_call_of_who_rests(stage: Stage) -> None:
    with http_server() as server:
        build_hook(server.url)
        stage.does("ada", "Signed Up")
        redraw(
            "hook",
            {
                "in": on("Signed Up"),
                "call": ("webhook", {"url": f"{server.url}/new"}),
                "then": ("exit", {"reason": "new"}),
            },
            ["in next call", "call next then"],
            now=stage.now,
            inside="move",
        )
        stage.settle()
        assert stage.visit("ada", "hook").node == "call"
        make(stage.now)
        stage.settle()
    assert [heard.path for heard in server.heard] == ["/"], "what was asked for is what is called"
    assert stage.path("ada", "hook") == ["in", "call", "then"]


def test_what_a_dead_worker_had_claimed_is_called_again(stage: Stage) -> None:
    with http_server() as server:
        build_hook(server.url)
        stage.does("ada", "Signed Up")
        Call.objects.update(
            status="calling",
            tries=1,
            claim="00000000-0000-0000-0000-000000000001",
            claimed_at=stage.now,
        )
        assert not calls_recover(now=stage.now + CLAIM_LASTS)
        later = stage.now + CLAIM_LASTS + timedelta(seconds=1)
        assert calls_recover(now=later)
        make(later)
        assert status() == ["done"]
        Call.objects.update(
            status="calling",
            tries=MAX_TRIES,
            claim="00000000-0000-0000-0000-000000000001",
            claimed_at=stage.now,
        )
        assert not calls_recover(now=later)
    assert status() == ["failed"], "what kills workers is given up"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
        "http://0.0.0.0:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://2130706433:{port}/",
    ],
)
def test_the_own_network_is_not_called(stage: Stage, url: str) -> None:
    with http_server() as server:
        build_hook(url.replace("{port}", str(server.port)))
        stage.does("ada", "Signed Up")
        calls_make(clock=lambda: stage.now, caller=HttpCaller(allow_private=False))
        stage.settle()
    assert server.heard == []
    call = Call.objects.get()
    assert call.status == "failed", call.answer
    assert stage.path("ada", "hook") == ["in", "call", "bad"]


def test_a_name_that_leads_into_the_house_is_not_called(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: what was looked at is what is connected to; no second answer is asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        address = "127.0.0.1" if host == "evil.example" else host
        return [(2, 1, 6, "", (address, port))]

    monkeypatch.setattr("requests_hardened.ip_filter.socket.getaddrinfo", resolve)
    with http_server() as server:
        build_hook(f"http://evil.example:{server.port}/")
        stage.does("ada", "Signed Up")
        calls_make(clock=lambda: stage.now, caller=HttpCaller(allow_private=False))
    assert server.heard == []
    assert asked == ["evil.example"]
    assert "private address" in Call.objects.get().answer["error"]


def test_what_a_server_says_is_kept_within_bounds(stage: Stage) -> None:
    with http_server(lambda heard: Reply(body="x\0" * 5_000_000)) as server:
        build_hook(server.url)
        stage.does("ada", "Signed Up")
        make(stage.now)
    call = Call.objects.get()
    assert call.status == "done"
    assert len(call.answer["body"]) <= 2048
    assert "\0" not in call.answer["body"]


def test_a_server_that_hangs_up_or_never_answers_is_trouble(stage: Stage) -> None:
    never = threading.Event()
    with http_server(lambda heard: Reply(wait=never)) as silent:
        build_hook(silent.url, timeout="PT1S")
        stage.does("ada", "Signed Up")
        make(stage.now)
        never.set()
        assert "within 1 second" in Call.objects.get().answer["error"]
    with http_server(lambda heard: Reply(hang_up=True)) as rude:
        build_hook(rude.url, "rude")
        stage.does("bob", "Signed Up")
        make(stage.now)
    assert set(status()) == {"queued"}
    assert {call.tries for call in Call.objects.all()} == {1}


def test_slack_is_told_and_the_contact_goes_on_at_once(stage: Stage) -> None:
    with http_server() as server:
        Workspace.objects.update(slack_webhook=f"{server.url}/services/T0")
        build_flow(
            "tell",
            {"in": on("Signed Up"), "tell": ("slack", {"text": "{{ first_name }} is *hot*"})},
            ["in next tell"],
        )
        stage.contact("ada", first_name="Ada")
        stage.does("ada", "Signed Up")
        assert stage.visit("ada", "tell").state == "completed"
        make(stage.now)
        stage.settle()
    [heard] = server.heard
    assert heard.path == "/services/T0"
    assert heard.json() == {"text": "Ada is *hot*"}
    assert "webhook-signature" not in heard.headers
    assert "T0" not in str(Call.objects.values().get()), "the address of Slack is a secret"
    assert stage.path("ada", "tell") == ["in", "tell"]
