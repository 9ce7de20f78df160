"""The room `messaging` as Django knows it."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """The room `messaging`: its messages follow a contact that is merged into another."""

    name = "messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have messages moved when contacts are merged, and say what needs attention."""
        from common.alerts import register_alerts
        from common.upkeep import register_upkeep
        from contacts.merging import register_merge
        from messaging.alerts import messaging_alerts
        from messaging.merging import messages_move
        from messaging.upkeep import UPKEEPS

        register_merge(messages_move)
        register_upkeep(*UPKEEPS)
        register_alerts(messaging_alerts)
