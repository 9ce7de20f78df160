"""The room `flows` as Django knows it."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """The room `flows`."""

    name = "flows"
    label = "flows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add to the rule language what only flows know, and to merging what visits need."""
        from common.alerts import register_alerts
        from common.upkeep import register_upkeep
        from contacts.merging import register_delete, register_merge
        from contacts.upkeep import register_reach
        from flows.alerts import flow_alerts
        from flows.conditions import FlowCondition, FlowEmailCondition
        from flows.effects import flows_affected
        from flows.merging import forget_visits, merge_visits
        from flows.rollouts import keys_ending
        from flows.selectors import flows_follow_segment, flows_using_segments, visits_for_rules
        from flows.series import UPKEEPS as SERIES
        from flows.upkeep import UPKEEPS, events_reached
        from messaging.holding import register_holding
        from segments.insight.effects import register_effects
        from segments.listeners import register_listener
        from segments.loading import register_load
        from segments.rules import registry
        from segments.uses import register_use

        registry.register(FlowCondition)
        registry.register(FlowEmailCondition)
        register_merge(merge_visits)
        register_delete(forget_visits)
        register_use(flows_using_segments)
        register_effects(flows_affected)
        register_listener(flows_follow_segment)
        register_load("flow", visits_for_rules)
        register_alerts(flow_alerts)
        register_holding(keys_ending)
        register_reach(events_reached)
        register_upkeep(*UPKEEPS, *SERIES)
