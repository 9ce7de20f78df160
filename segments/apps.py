"""The room `segments` as Django knows it."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """The room `segments`."""

    name = "segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have rows follow joined and deleted contacts; have score rules told and asked of."""
        from common.upkeep import register_upkeep
        from contacts.filters import register_filter
        from contacts.importing.targets import register_target
        from contacts.merging import register_delete, register_merge
        from contacts.upkeep import register_reach
        from segments.import_target import SegmentTarget
        from segments.listeners import register_listener
        from segments.merging import merge_segments, size_less_contact
        from segments.scoring.merging import merge_awards
        from segments.scoring.uses import follows_segment, segments_needed_by_rules
        from segments.selectors import contacts_in
        from segments.upkeep import UPKEEPS, events_reached
        from segments.uses import register_use

        register_merge(merge_segments)
        register_merge(merge_awards)
        register_reach(events_reached)
        register_upkeep(*UPKEEPS)
        register_delete(size_less_contact)
        register_target("segment", SegmentTarget())
        register_listener(follows_segment)
        register_use(segments_needed_by_rules)
        register_filter("segment", contacts_in, description="The key of a segment to be in.")
