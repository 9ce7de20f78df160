"""The room `contacts` as Django knows it."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """The room `contacts`."""

    name = "contacts"
    label = "contacts"
    default_auto_field = "django.db.models.BigAutoField"
