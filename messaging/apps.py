"""The room `messaging` as Django knows it."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """The room `messaging`."""

    name = "messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"
