"""An import as a person does it, through the API: a file sent, mapped, started, worked off."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from common.clock import utcnow
from contacts.importing.models import ContactImport
from contacts.importing.running import import_run

PEOPLE = "email,first_name,Plan,Age\nada@x.io,Ada,pro,36\nbob@x.io,Bob,free,\ncy@x.io,Cy,pro,41\n"


def send(client: Client, text: str | bytes, name: str = "people.csv") -> Any:
    data = text.encode() if isinstance(text, str) else text
    return client.post("/api/contacts/import/", {"file": SimpleUploadedFile(name, data)})


def sent(client: Client, text: str | bytes, name: str = "people.csv") -> dict[str, Any]:
    answer = send(client, text, name)
    assert answer.status_code == 201, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def guessed(one: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "column": column["index"],
            "target": column["guess"]["target"],
            "type": column["guess"]["type"],
            "format": column["guess"]["format"],
        }
        for column in one["columns"]
    ]


def post(client: Client, one: dict[str, Any], path: str, body: Any = None) -> Any:
    return client.post(f"/api/contacts/import/{one['id']}/{path}/", body or {}, "application/json")


def start(client: Client, one: dict[str, Any], **options: Any) -> dict[str, Any]:
    answer = post(client, one, "start", {"mapping": guessed(one), **options})
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def run(one: dict[str, Any]) -> None:
    stored = ContactImport.objects.get(id=one["id"])
    assert stored.job_id is not None
    import_run(stored.job_id, stored.id, clock=utcnow)


def state(client: Client, one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/contacts/import/{one['id']}/").json()
    return found


def imported(client: Client, text: str | bytes, **options: Any) -> dict[str, Any]:
    one = sent(client, text)
    start(client, one, **options)
    run(one)
    done = state(client, one)
    assert done["status"] == "done", done["job"]
    return done


def counts(done: dict[str, Any]) -> dict[str, int]:
    return {name: number for name, number in done["counts"].items() if number}


def report(client: Client, one: dict[str, Any]) -> list[str]:
    answer = client.get(f"/api/contacts/import/{one['id']}/refused.csv")
    assert answer.status_code == 200
    text = b"".join(answer).decode("utf-8-sig")
    return text.splitlines()


def people(n: int) -> str:
    return "email,plan\n" + "".join(f"p{i}@x.io,plan {i % 3}\n" for i in range(n))
