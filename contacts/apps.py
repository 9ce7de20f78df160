"""The Django app of the room `contacts`."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """The room's app."""

    name = "contacts"
    label = "contacts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what does not stay for ever."""
        from common.upkeep import register_upkeep
        from contacts.upkeep import UPKEEPS

        register_upkeep(*UPKEEPS)
