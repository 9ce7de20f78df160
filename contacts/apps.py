"""The Django app of the room `contacts`."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"
    label = "contacts"
    default_auto_field = "django.db.models.BigAutoField"
