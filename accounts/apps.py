"""The accounts room: users, API keys, roles and the audit log."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may come in, and how far."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Say what does not stay for ever."""
        from accounts.upkeep import UPKEEPS
        from common.upkeep import register_upkeep

        register_upkeep(*UPKEEPS)
