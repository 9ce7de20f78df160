"""The room `messaging` as Django knows it."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """The room `messaging`: its messages follow a contact that is merged into another."""

    name = "messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have messages moved when contacts are merged."""
        from contacts.merging import register_merge
        from messaging.merging import messages_move

        register_merge(messages_move)
