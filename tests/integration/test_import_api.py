"""Imports from end to end: a file sent, mapped, started, worked off, and what it came to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from common.clock import utcnow
from common.models import Job
from contacts.importing import running
from contacts.importing.models import ContactImport
from contacts.importing.services import imports_clean
from contacts.models import Consent, Contact, Field, Identity, Touch
from contacts.services import ConsentChange, consents_set, contact_create
from contacts.state import ContactState
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
    send,
    sent,
    start,
    state,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def test_a_file_is_sent_mapped_started_and_worked_off(editor: Client) -> None:
    one = sent(editor, PEOPLE)
    assert (one["status"], one["encoding"], one["delimiter"], one["header"]) == (
        "ready",
        "utf-8",
        ",",
        True,
    )
    assert one["rows_about"] == 3
    assert one["sample"][0]["cells"] == ["ada@x.io", "Ada", "pro", "36"]
    assert [column["guess"]["target"] for column in one["columns"]] == [
        "email",
        "first_name",
        "new:Plan",
        "new:Age",
    ]
    started = start(editor, one)
    assert (started["status"], started["job"]["kind"]) == ("queued", "contact_import")
    run(one)
    done = state(editor, one)
    assert (done["status"], done["rows_total"]) == ("done", 3)
    assert counts(done) == {"rows": 3, "created": 3}
    assert done["job"]["done"] == 3
    assert Field.objects.get(key="age").type == "number"
    ada = Contact.objects.get(email="ada@x.io")
    assert (ada.first_name, ada.fields) == ("Ada", {"plan": "pro", "age": 36})
    assert set(ada.field_times) == {"email", "first_name", "plan", "age"}
    assert Identity.objects.filter(kind="email").count() == 3
    assert list(Touch.objects.filter(contact=ada).values_list("kind", flat=True)) == ["new"]
    (row,) = editor.get("/api/contacts/import/").json()["results"]
    assert (row["id"], row["status"], row["counts"]["created"]) == (one["id"], "done", 3)


def test_the_same_file_again_changes_nothing(editor: Client) -> None:
    text = PEOPLE + "ADA@x.io,Ada,basic,\n" + "bob@x.io,Robert,,20\n"
    first = imported(editor, text)
    assert counts(first) == {"rows": 5, "created": 3, "repeated": 2}
    ada = Contact.objects.get(email="ADA@x.io")
    assert ada.fields == {"plan": "basic", "age": 36}
    Touch.objects.all().delete()
    before = list(Contact.objects.order_by("id").values())
    again = imported(editor, text)
    assert counts(again) == {"rows": 5, "unchanged": 3, "repeated": 2}
    assert list(Contact.objects.order_by("id").values()) == before
    assert not Touch.objects.exists()


def test_rows_of_one_key_are_put_together_however_far_apart(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PIECE_ROWS", 2)
    text = "email,first_name,Plan\n" + "".join(
        f"{who}@x.io,{name},{plan}\n"
        for who, name, plan in (
            ("ada", "Ada", "a"),
            ("bob", "Bob", "b"),
            ("ada", "", "c"),
            ("cy", "Cy", "d"),
            ("eve", "Eve", "e"),
            ("ada", "Adele", ""),
        )
    )
    done = imported(editor, text)
    assert counts(done) == {"rows": 6, "created": 4, "repeated": 2}
    ada = Contact.objects.get(email="ada@x.io")
    assert (ada.first_name, ada.fields) == ("Adele", {"plan": "c"})
    assert counts(imported(editor, text)) == {"rows": 6, "unchanged": 4, "repeated": 2}


def test_bad_rows_are_refused_and_bad_cells_left_out(editor: Client) -> None:
    contact_create(email="old@x.io", fields={"age": 7}, now=NOW)
    text = (
        "email,age,note\n"
        "ada@x.io,seven,=1+1\n"
        ",5,x\n"
        "nobody,5,x\n"
        '"old@x.io",8,"two\nlines"\n'
        "a@x.io,1,2,3,4\n"
        "short@x.io\n"
        "\n  ,, \n"
        "last@x.io,9,\n"
    )
    one = sent(editor, text)
    check = post(editor, one, "mapping/check", {"mapping": guessed(one)}).json()
    assert check["problems"] == []
    assert (check["summary"]["refused"], check["summary"]["left_out"]) == (3, 1)
    assert check["rows"][0]["cells"][1] == {
        "column": 1,
        "value": None,
        "fault": "“seven” is not a number",
    }
    start(editor, one)
    run(one)
    done = state(editor, one)
    assert counts(done) == {
        "rows": 7,
        "created": 3,
        "updated": 1,
        "refused": 3,
        "cells_left_out": 1,
    }
    assert report(editor, one) == [
        "Line,What happened,email,age,note",
        "2,Left out: age: “seven” is not a number,ada@x.io,seven,'=1+1",
        "3,The row has no e-mail address.,,5,x",
        "4,“nobody” is not an e-mail address.,nobody,5,x",
        (
            '7,"The row has 5 cells, the file 3 columns: a delimiter in a cell has to be quoted.",'
            "a@x.io,1,2,3,4"
        ),
    ]
    assert Contact.objects.get(email="old@x.io").fields == {"age": 8, "note": "two\nlines"}


def test_a_report_is_mended_and_imported_again(editor: Client) -> None:
    contact_create(fields={"age": 1, "note": "x"}, now=NOW)
    one = imported(editor, "email,age,note\nada@x.io,seven,=cmd()\nnobody,5,\n,+,\n")
    lines = report(editor, one)
    assert "'=cmd()" in lines[1]
    mended = "\r\n".join(lines).replace(",seven", ",7").replace(",nobody", ",bob@x.io")
    again = imported(editor, mended)
    assert counts(again) == {"rows": 3, "created": 1, "updated": 1, "refused": 1}
    assert Contact.objects.get(email="ada@x.io").fields == {"age": 7, "note": "=cmd()"}


@pytest.mark.parametrize(
    ("existing", "expected", "changed"),
    [
        ("update", ("New", {"plan": "new", "city2": "Rome"}), {"updated": 1}),
        ("fill_empty", ("Old", {"plan": "old", "city2": "Rome"}), {"updated": 1}),
        ("skip", ("Old", {"plan": "old"}), {"unchanged": 1}),
    ],
)
def test_what_becomes_of_known_contacts_is_chosen(
    editor: Client, existing: str, expected: Any, changed: dict[str, int]
) -> None:
    made = contact_create(email="ada@x.io", fields={"first_name": "Old", "plan": "old"}, now=NOW)
    text = "email,first_name,plan,city2\nada@x.io,New,new,Rome\n"
    assert counts(imported(editor, text, existing=existing)) == {"rows": 1, **changed}
    contact = Contact.objects.get(id=made)
    assert (contact.first_name, contact.fields) == expected


def test_empty_cells_erase_only_if_that_was_chosen(editor: Client) -> None:
    made = contact_create(email="ada@x.io", fields={"plan": "old", "city": "Rome"}, now=NOW)
    text = "email,plan,city\nada@x.io,,\nshort@x.io\n"
    imported(editor, text)
    assert Contact.objects.get(id=made).fields == {"plan": "old"}
    done = imported(editor, text, empty="erase")
    assert counts(done) == {"rows": 2, "updated": 1, "unchanged": 1}
    contact = Contact.objects.get(id=made)
    assert (contact.fields, contact.city) == ({}, None)


def test_an_external_id_decides_as_it_does_for_messages(editor: Client) -> None:
    nameless = contact_create(email="ada@x.io", now=NOW)
    known = contact_create(email="bob@x.io", external_id="b", now=NOW)
    text = "id,email\na,ada@x.io\nc,bob@x.io\n,cy@x.io\nb,broken\n"
    done = imported(editor, text, key="external_id")
    assert counts(done) == {
        "rows": 4,
        "updated": 1,
        "created": 1,
        "unchanged": 1,
        "refused": 1,
        "cells_left_out": 1,
    }
    assert Contact.objects.get(id=nameless).external_id == "a"
    assert Contact.objects.get(id=known).email == "bob@x.io"
    shared = Contact.objects.get(external_id="c")
    assert shared.email == "bob@x.io"
    owner = Identity.objects.get(kind="email", value="bob@x.io")
    assert owner.contact_id == known


def test_an_address_is_not_given_to_who_has_another_id(editor: Client) -> None:
    contact_create(email="ada@x.io", external_id="a", now=NOW)
    contact_create(email="bob@x.io", external_id="b", now=NOW)
    text = "email,external_id,plan\nada@x.io,other,x\nnew@x.io,b,y\n"
    done = imported(editor, text)
    assert counts(done) == {"rows": 2, "updated": 1, "refused": 1, "cells_left_out": 1}
    lines = report(editor, done)
    assert "the contact of this address has another external id, and keeps it" in lines[1]
    assert "“b” belongs to a contact with another e-mail address" in lines[2]
    assert not Contact.objects.filter(email="new@x.io").exists()


def test_an_import_resubscribes_nobody(editor: Client) -> None:
    gone = contact_create(email="ada@x.io", now=NOW)
    consents_set([ConsentChange(gone % 64, gone, "news", "unsubscribed")], now=NOW)
    text = "email,news\nada@x.io,yes\nbob@x.io,yes\ncy@x.io,no\ndora@x.io,perhaps\n"
    one = sent(editor, text)
    mapping = [{"column": 0, "target": "email"}, {"column": 1, "target": "consent:news"}]
    post(editor, one, "start", {"mapping": mapping})
    run(one)
    done = state(editor, one)
    assert counts(done) == {"rows": 4, "created": 3, "unchanged": 1, "cells_left_out": 2}
    chosen = dict(Consent.objects.values_list("contact__email", "state"))
    assert chosen == {
        "ada@x.io": "unsubscribed",
        "bob@x.io": "subscribed",
        "cy@x.io": "unsubscribed",
    }


def test_a_mapping_that_makes_no_sense_says_all_that_is_wrong(editor: Client) -> None:
    one = sent(editor, PEOPLE)
    mapping = [
        {"column": 0, "target": "first_name"},
        {"column": 1, "target": "first_name"},
        {"column": 2, "target": "score"},
        {"column": 3, "target": "new:!!!"},
        {"column": 9, "target": "email"},
    ]
    answer = post(editor, one, "mapping/check", {"mapping": mapping}).json()
    found = {problem["column"]: problem["code"] for problem in answer["problems"]}
    assert found == {
        1: "twice",
        2: "invalid_target",
        3: "invalid_target",
        9: "unknown_column",
        None: "no_key",
    }
    assert post(editor, one, "start", {"mapping": mapping}).status_code == 400
    assert not Job.objects.exists()


def test_a_file_is_read_otherwise_on_request(editor: Client) -> None:
    one = sent(editor, "ada@x.io;Zoë\n".encode("windows-1252"))
    assert (one["encoding"], one["delimiter"], one["header"]) == ("windows-1252", ";", False)
    assert one["columns"][0]["name"] == "Column 1"
    assert one["columns"][0]["guess"]["target"] == "email"
    assert one["sample"][0]["cells"] == ["ada@x.io", "Zoë"]
    path = f"/api/contacts/import/{one['id']}/"
    other = editor.patch(path, {"encoding": "mac-roman"}, "application/json").json()
    assert other["sample"][0]["cells"][1] != "Zoë"
    other = editor.patch(path, {"delimiter": "\t", "header": True}, "application/json").json()
    assert other["columns"][0]["name"].startswith("ada@x.io;Zo")
    assert editor.patch(path, {"delimiter": "x"}, "application/json").status_code == 400
    assert editor.patch(path, {"encoding": "utf-16"}, "application/json").status_code == 400


def test_imports_are_removed_by_hand_and_files_by_themselves(editor: Client) -> None:
    one = sent(editor, PEOPLE)
    start(editor, one)
    path = f"/api/contacts/import/{one['id']}/"
    assert editor.delete(path).status_code == 409
    run(one)
    assert imports_clean(now=utcnow()) == (0, 0)
    ContactImport.objects.update(finished_at=NOW)
    assert imports_clean(now=utcnow()) == (1, 1)
    kept = state(editor, one)
    assert (kept["file_kept"], kept["columns"], kept["counts"]["created"]) == (False, [], 3)
    assert post(editor, one, "mapping/check", {"mapping": []}).status_code == 409
    assert editor.delete(path).status_code == 204
    assert editor.get(path).status_code == 404
    assert Contact.objects.count() == 3


def test_a_viewer_sends_no_file() -> None:
    viewer = signed_in("viewer")
    assert send(viewer, PEOPLE).status_code == 403
    assert not ContactImport.objects.exists()


def test_what_was_done_is_in_the_audit_log(editor: Client) -> None:
    one = imported(editor, PEOPLE)
    editor.delete(f"/api/contacts/import/{one['id']}/")
    entries = signed_in("admin").get("/api/audit/").json()["results"]
    actions = [entry["action"] for entry in entries if entry["action"].startswith("import.")]
    assert sorted(actions) == ["import.deleted", "import.started", "import.uploaded"]
    assert json.dumps(entries).count("people.csv") >= 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04" + b"\x14" * 200, "Excel workbook"),
        (b"%PDF-1.7 x", "PDF"),
        (b"", "empty"),
        (b"\n\n\n", "empty"),
        (b"\xff\xfe" + "\n\n".encode("utf-16-le"), "no rows"),
        (b"a," * 1_001 + b"b\n", "1,002 columns"),
        (b'a,b"x,"c\n' * 100_000, "columns"),
    ],
)
def test_a_file_that_is_none_is_refused_and_leaves_nothing(
    editor: Client, data: bytes, said: str
) -> None:
    answer = send(editor, data, "people.xlsx")
    assert answer.status_code == 400
    assert said in answer.json()["errors"][0]["detail"]
    assert not ContactImport.objects.exists()


def test_what_is_no_upload_is_refused(editor: Client) -> None:
    path = "/api/contacts/import/"
    assert editor.post(path, {"file": "text"}).json()["errors"][0]["attr"] == "file"
    two = {"file": SimpleUploadedFile("a.csv", b"a"), "other": SimpleUploadedFile("b.csv", b"b")}
    assert editor.post(path, two).json()["errors"][0]["code"] == "one_file"
    assert editor.post(path, {}, "application/json").status_code == 415
    huge = editor.generic(
        "POST", path, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=600 * 1024**2
    )
    assert huge.status_code == 413


def test_a_file_beyond_the_limit_is_refused_in_words(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.importing.uploads.LARGEST_FILE", 1_000_000)
    answer = send(editor, people(100_000))
    assert answer.status_code == 413
    assert "Cut this one into parts" in answer.json()["errors"][0]["detail"]
    assert not ContactImport.objects.exists()


def test_a_file_of_many_chunks_is_read_over_their_borders(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.importing.files.CHUNK", 1_000)
    monkeypatch.setattr(running, "PIECE_ROWS", 70)
    text = people(500).replace("plan 1", '"plan\nof two lines"')
    assert counts(imported(editor, text)) == {"rows": 500, "created": 500}
    assert Contact.objects.get(email="p499@x.io").fields == {"plan": "plan\nof two lines"}


def test_hostile_cells_spoil_nothing_else(editor: Client) -> None:
    wide = ",".join(f"c{n}" for n in range(500))
    text = (
        f"email,first_name,{wide}\n"
        f"long@x.io,{'x' * 120_000},1\n"
        f"index@x.io,{'é' * 30_000},2\n"
        "nul@x.io,a\x00b,3\n"
        'quote@x.io,"never closed,4\n'
        "sql@x.io,'); DROP TABLE contact;--,5\n"
        "emoji@x.io,👩‍🌾 ok,6\n"
    )
    done = imported(editor, text)
    made = dict(Contact.objects.exclude(email="index@x.io").values_list("email", "first_name"))
    assert made == {
        "long@x.io": None,
        "nul@x.io": None,
        "sql@x.io": "'); DROP TABLE contact;--",
        "emoji@x.io": "👩‍🌾 ok",
    }
    assert counts(done)["rows"] == 6
    assert counts(done)["cells_left_out"] == 2
    said = "\n".join(report(editor, done))
    assert "A quote is opened on this line and never closed" in said


def test_a_row_that_only_the_database_refuses_is_found(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign = ContactState.assign

    def assign_too_much(state: ContactState, key: str, stored: Any, at: str) -> bool:
        done = assign(state, key, stored, at)
        if stored == "p7@x.io":
            state.row["score"] = "no number"
        return done

    monkeypatch.setattr(ContactState, "assign", assign_too_much)
    done = imported(editor, people(20))
    assert counts(done) == {"rows": 20, "created": 19, "refused": 1}
    assert "The database refused it" in report(editor, done)[1]


def test_two_contacts_are_joined_as_messages_would_join_them(editor: Client) -> None:
    by_mail = contact_create(email="ada@x.io", fields={"plan": "pro"}, now=NOW)
    by_id = contact_create(external_id="a", now=NOW)
    done = imported(editor, "id,email\na,ada@x.io\n", key="external_id")
    assert counts(done) == {"rows": 1, "updated": 1}
    kept = Contact.objects.get()
    assert kept.id == by_id != by_mail
    assert (kept.email, kept.external_id, kept.fields) == ("ada@x.io", "a", {"plan": "pro"})
    assert counts(imported(editor, "id,email\na,ada@x.io\n", key="external_id")) == {
        "rows": 1,
        "unchanged": 1,
    }
