"""The Django app of the room `contacts`."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """The room's app."""

    name = "contacts"
    label = "contacts"
    default_auto_field = "django.db.models.BigAutoField"
