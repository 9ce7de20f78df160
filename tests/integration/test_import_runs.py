"""Imports as they run: in pieces, stopped, going on, into segments, beside a busy engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from contacts.importing import running
from contacts.importing.applying import piece_apply
from contacts.importing.models import ContactImport
from contacts.models import Contact
from contacts.services import contact_create, contacts_merge
from segments.import_target import SegmentTarget
from segments.models import Membership, MembershipChange, Segment
from tests.builders import NOW
from tests.doors import signed_in
from tests.importing import (
    PEOPLE,
    counts,
    guessed,
    imported,
    people,
    post,
    report,
    run,
    sent,
    start,
    state,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def segment(kind: str) -> Segment:
    return Segment.objects.create(
        key="fair", name="Fair", kind=kind, created_at=NOW, updated_at=NOW, status="ready"
    )


def test_contacts_join_a_segment_with_their_piece(editor: Client) -> None:
    segment("static")
    contact_create(email="ada@x.io", now=NOW)
    done = imported(editor, PEOPLE + ",x,,\n", segment="fair", existing="skip")
    assert counts(done) == {
        "rows": 4,
        "created": 2,
        "unchanged": 1,
        "refused": 1,
        "joined": 3,
    }
    assert Membership.objects.filter(by_hand=True).count() == 3
    assert set(MembershipChange.objects.values_list("cause", flat=True)) == {"import"}
    assert counts(imported(editor, PEOPLE, segment="fair")).get("joined") is None


@pytest.mark.parametrize("merging", [False, True])
def test_whom_a_dead_worker_wrote_join_when_the_import_goes_on(
    editor: Client, monkeypatch: pytest.MonkeyPatch, merging: bool
) -> None:
    monkeypatch.setattr(running, "PIECE_ROWS", 2)
    one = sent(editor, people(5))
    segment("static")
    start(editor, one, segment="fair")

    def die(*_args: Any, **_kwargs: Any) -> int:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(SegmentTarget, "join", die)
        with pytest.raises(Killed):
            run(one)
    written = Contact.objects.order_by("email")
    assert [contact.email for contact in written] == ["p0@x.io", "p1@x.io"]
    assert not Membership.objects.exists()
    joining = {contact.id for contact in written}
    if merging:
        lost = written[1].id
        kept = contact_create(email="another@x.io", now=NOW)
        contacts_merge(kept_id=kept, lost_id=lost, now=NOW)
        joining = joining - {lost} | {kept}
    run(one)
    assert counts(state(editor, one)) == {"rows": 5, "created": 5, "joined": 5}
    assert joining < set(Membership.objects.values_list("contact_id", flat=True))
    assert Membership.objects.count() == 5
    assert ContactImport.objects.get(id=one["id"]).joining == []


def test_whom_the_last_piece_before_a_stop_wrote_are_in_the_segment(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PIECE_ROWS", 10)
    one = sent(editor, people(35))
    segment("static")
    start(editor, one, segment="fair")

    def apply_and_cancel(*args: Any, **kwargs: Any) -> Any:
        assert post(editor, one, "cancel").status_code == 200
        return piece_apply(*args, **kwargs)

    monkeypatch.setattr(running, "piece_apply", apply_and_cancel)
    run(one)
    assert state(editor, one)["status"] == "cancelled"
    assert counts(state(editor, one)) == {"rows": 10, "created": 10, "joined": 10}
    assert Membership.objects.count() == 10


def test_an_import_gives_way_to_a_busy_engine_but_not_for_ever(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PIECE_ROWS", 10)
    monkeypatch.setattr(running, "LONG_QUEUE", 5)
    monkeypatch.setattr(running, "WAITS", 7)
    waited: list[float] = []
    monkeypatch.setattr("contacts.importing.running.time.sleep", waited.append)
    engine = connection.copy()
    try:
        with engine.cursor() as cursor:
            cursor.execute("SET application_name = 'millrace engine of a test'")
        done = imported(editor, people(25))
    finally:
        engine.close()
    assert counts(done) == {"rows": 25, "created": 25}
    # The first piece finds an empty queue; nobody empties it before the second and the third.
    assert waited == [running.WAIT] * 7 * 2


def test_an_import_waits_for_no_engine_that_is_not_there(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PIECE_ROWS", 10)
    monkeypatch.setattr(running, "LONG_QUEUE", 5)
    waited: list[float] = []
    monkeypatch.setattr("contacts.importing.running.time.sleep", waited.append)
    assert counts(imported(editor, people(25))) == {"rows": 25, "created": 25}
    assert waited == []


def test_nobody_is_put_into_a_dynamic_segment(editor: Client) -> None:
    segment("dynamic")
    one = sent(editor, PEOPLE)
    for key, said in (("fair", "is dynamic"), ("nowhere", "There is no segment")):
        body = {"mapping": guessed(one), "segment": key}
        assert said in post(editor, one, "start", body).json()["errors"][0]["detail"]
        (problem,) = post(editor, one, "mapping/check", body).json()["problems"]
        assert said in problem["detail"]
    assert state(editor, one)["status"] == "ready"


class Killed(BaseException):
    """What a worker that dies does to the piece at hand."""


def dying_after(pieces: int) -> Callable[..., Any]:
    apply, done = piece_apply, [0]

    def apply_or_die(*args: Any, **kwargs: Any) -> Any:
        done[0] += 1
        found = apply(*args, **kwargs)
        if done[0] > pieces:
            raise Killed
        return found

    return apply_or_die


def test_an_import_whose_worker_died_goes_on_with_the_next_row(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PIECE_ROWS", 10)
    one = sent(editor, people(35) + "broken,x\np3@x.io,last\n")
    start(editor, one)
    for pieces in (1, 2):
        with monkeypatch.context() as dying:
            dying.setattr(running, "piece_apply", dying_after(pieces))
            with pytest.raises(Killed):
                run(one)
    assert state(editor, one)["counts"]["rows"] == 30
    run(one)
    done = state(editor, one)
    assert counts(done) == {"rows": 37, "created": 35, "refused": 1, "repeated": 1}
    assert Contact.objects.count() == 35
    assert Contact.objects.get(email="p3@x.io").fields == {"plan": "last"}
    assert report(editor, one)[1].startswith("37,“broken” is not an e-mail address")


def test_an_import_is_cancelled_between_pieces_and_can_go_on(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PIECE_ROWS", 10)
    one = sent(editor, people(35))
    start(editor, one)

    def apply_and_cancel(*args: Any, **kwargs: Any) -> Any:
        if ContactImport.objects.get(id=one["id"]).counts.get("rows") == 10:
            assert post(editor, one, "cancel").status_code == 200
        return piece_apply(*args, **kwargs)

    with monkeypatch.context() as cancelling:
        cancelling.setattr(running, "piece_apply", apply_and_cancel)
        run(one)
    stopped = state(editor, one)
    assert (stopped["status"], stopped["counts"]["rows"]) == ("cancelled", 20)
    assert Contact.objects.count() == 20
    assert post(editor, one, "cancel").status_code == 409
    assert post(editor, one, "resume").json()["status"] == "queued"
    run(one)
    assert counts(state(editor, one)) == {"rows": 35, "created": 35}


def test_an_import_cancelled_before_it_began_writes_nothing(editor: Client) -> None:
    one = sent(editor, PEOPLE)
    start(editor, one)
    assert post(editor, one, "cancel").json()["status"] == "cancelled"
    run(one)
    assert not Contact.objects.exists()
