"""Every kind of step a flow can have: one file per type, listed literally here.

PURE: no Django. To add a type, write its file and add one line below; palette, inspector form,
checks and documentation follow from the class.
"""

from __future__ import annotations

from typing import Any

from flows.nodes.add_to_flow import AddToFlow
from flows.nodes.add_to_segment import AddToSegment
from flows.nodes.adjust_score import AdjustScoreNode
from flows.nodes.base import NodeType, Trigger, Wait
from flows.nodes.condition import Condition
from flows.nodes.date import Date
from flows.nodes.event import Event
from flows.nodes.exit import Exit
from flows.nodes.field_changed import FieldChanged
from flows.nodes.goal import Goal
from flows.nodes.manual import Manual
from flows.nodes.notify_owner import NotifyOwnerNode
from flows.nodes.once import Once
from flows.nodes.record_event import RecordEventNode
from flows.nodes.remove_from_flow import RemoveFromFlow
from flows.nodes.remove_from_segment import RemoveFromSegment
from flows.nodes.segment_entered import SegmentEntered
from flows.nodes.segment_left import SegmentLeft
from flows.nodes.send_email import SendEmailNode
from flows.nodes.set_consent import SetConsentNode
from flows.nodes.slack import Slack
from flows.nodes.split import Split
from flows.nodes.switch import Switch
from flows.nodes.update_fields import UpdateFieldsNode
from flows.nodes.wait import WaitNode
from flows.nodes.wait_date import WaitDate
from flows.nodes.wait_for import WaitFor
from flows.nodes.wait_until import WaitUntil
from flows.nodes.webhook import Webhook

AnyNodeType = NodeType[Any]

NODE_TYPES: dict[str, AnyNodeType] = {
    node_type.type: node_type
    for node_type in (
        SegmentEntered(),
        SegmentLeft(),
        Event(),
        FieldChanged(),
        Date(),
        Once(),
        Manual(),
        WaitNode(),
        WaitUntil(),
        WaitDate(),
        WaitFor(),
        Condition(),
        Switch(),
        Split(),
        SendEmailNode(),
        UpdateFieldsNode(),
        AdjustScoreNode(),
        SetConsentNode(),
        RecordEventNode(),
        AddToSegment(),
        RemoveFromSegment(),
        AddToFlow(),
        RemoveFromFlow(),
        Webhook(),
        Slack(),
        NotifyOwnerNode(),
        Goal(),
        Exit(),
    )
}

__all__ = ["NODE_TYPES", "AnyNodeType", "NodeType", "Trigger", "Wait"]
