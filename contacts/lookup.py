"""`/api/contacts/lookup/`: many contacts at once, by what a pasted list calls them.

One statement per kind of name, however long the list is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import Role
from contacts.models import Contact, Identity

MOST_LOOKED_UP: Final = 10_000
_LARGEST_ID: Final = 2**63 - 1


def contacts_looked_up(values: Sequence[str]) -> dict[str, int]:
    """Return the ids of contacts by the values that name them.

    A value is an external id, else an e-mail address in any case, else the contact's own id.

    Parameters
    ----------
    values
        As somebody pasted them, without spaces around.

    Returns
    -------
    dict
        By value; a value that names nobody is not in it.
    """
    by_external = _owners("external_id", values)
    left = [value for value in values if value not in by_external]
    by_email = _owners("email", [value.lower() for value in left])
    found = by_external | {
        value: by_email[value.lower()] for value in left if value.lower() in by_email
    }
    numbers = {value: int(value) for value in left if value not in found and _is_id(value)}
    known = set(Contact.objects.filter(id__in=numbers.values()).values_list("id", flat=True))
    return found | {value: number for value, number in numbers.items() if number in known}


def _owners(kind: str, values: Sequence[str]) -> dict[str, int]:
    owners = Identity.objects.filter(kind=kind, value__in=values)
    return dict(owners.values_list("value", "contact_id"))


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and 0 < int(value) <= _LARGEST_ID


class LookupSerializer(serializers.Serializer[Any]):
    """E-mail addresses, external ids and ids, mixed."""

    values = serializers.ListField(
        child=serializers.CharField(max_length=500), min_length=1, max_length=MOST_LOOKED_UP
    )


class LookedUpSerializer(serializers.Serializer[Any]):
    """Whom the values name: each contact once; and the values that name nobody."""

    contacts = serializers.ListField(child=serializers.IntegerField())
    missing = serializers.ListField(child=serializers.CharField())


class LookupView(APIView):
    """Many contacts by their names."""

    required_roles: ClassVar = {"POST": Role.VIEWER}

    @extend_schema(request=LookupSerializer, responses=LookedUpSerializer)
    def post(self, request: Request) -> Response:
        """Find contacts by e-mail address, external id or id."""
        asked = LookupSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values: list[str] = asked.validated_data["values"]
        found = contacts_looked_up(values)
        return Response(
            {
                "contacts": sorted(set(found.values())),
                "missing": [value for value in dict.fromkeys(values) if value not in found],
            }
        )
