"""Reads of messaging: what a template may say about contacts, and one message as it would look."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from common.models import Workspace
from contacts.models import Contact
from contacts.selectors import contact_values, fields_known
from messaging.contexts import contact_values as said_values
from messaging.contexts import context_of
from messaging.models import Message, Template
from messaging.rendering import Fault, Parts, Rendered, preview
from messaging.unsubscribing import unsubscribe_url


def parts_of(template: Template, *, subject: str | None = None) -> Parts:
    """Return a template's sources, perhaps with another subject."""
    return Parts(
        subject=template.subject if subject is None else subject,
        preheader=template.preheader,
        html=template.html,
        text=template.text,
    )


def contacts_as_said(contact_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return contacts as Liquid names them, by id: two queries, however many."""
    known = fields_known()
    return {
        contact.id: said_values(contact_values(contact), known=known)
        for contact in Contact.objects.filter(id__in=list(contact_ids))
    }


def contact_made_up(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a contact that nobody is, as Liquid names it."""
    return said_values(fields, known=fields_known())


def workspace_said(workspace: Workspace) -> dict[str, str]:
    """Return what a template may say about the workspace."""
    return {"name": workspace.name, "postal_address": workspace.postal_address}


def preview_for(
    parts: Parts,
    *,
    contact: dict[str, Any],
    trigger: dict[str, Any] | None,
    now: datetime,
    message_id: int | None = None,
) -> tuple[Rendered, list[Fault]]:
    """Render parts for a contact as a draft; stores and sends nothing."""
    return preview(
        parts,
        context_of(
            contact=contact,
            trigger=trigger,
            workspace=workspace_said(Workspace.objects.get()),
            unsubscribe_url=unsubscribe_url(message_id),
            now=now,
        ),
    )


def message_shown(message: Message, *, now: datetime) -> Rendered:
    """Return a message as it went out or, where it has not, as it would look now."""
    if message.html or message.body_text:
        return Rendered(message.subject, message.html, message.body_text)
    if message.template is None:
        return Rendered(message.subject, "", "")
    contacts = contacts_as_said([message.contact_id])
    shown, _ = preview_for(
        parts_of(message.template, subject=message.subject_override),
        contact=contacts.get(message.contact_id, {}),
        trigger=message.trigger,
        now=now,
        message_id=message.id,
    )
    return shown
