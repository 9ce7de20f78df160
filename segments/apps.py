"""The room `segments` as Django knows it."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """The room `segments`."""

    name = "segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have memberships moved and counted when contacts are joined or deleted."""
        from contacts.merging import register_delete, register_merge
        from segments.merging import merge_segments, size_less_contact
        from segments.scoring.merging import merge_awards

        register_merge(merge_segments)
        register_merge(merge_awards)
        register_delete(size_less_contact)
