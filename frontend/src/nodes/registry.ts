/**
 * Every node type the browser knows. A name in `NodeTypeName` without its folder does not compile.
 */
import * as addToFlowCard from './add_to_flow/card';
import { Form as AddToFlowForm } from './add_to_flow/form';
import { Icon as AddToFlowIcon } from './add_to_flow/icon';
import * as addToSegmentCard from './add_to_segment/card';
import { Form as AddToSegmentForm } from './add_to_segment/form';
import { Icon as AddToSegmentIcon } from './add_to_segment/icon';
import * as adjustScoreCard from './adjust_score/card';
import { Form as AdjustScoreForm } from './adjust_score/form';
import { Icon as AdjustScoreIcon } from './adjust_score/icon';
import * as conditionCard from './condition/card';
import { Form as ConditionForm } from './condition/form';
import { Icon as ConditionIcon } from './condition/icon';
import * as dateCard from './date/card';
import { Form as DateForm } from './date/form';
import { Icon as DateIcon } from './date/icon';
import * as eventCard from './event/card';
import { Form as EventForm } from './event/form';
import { Icon as EventIcon } from './event/icon';
import * as exitCard from './exit/card';
import { Form as ExitForm } from './exit/form';
import { Icon as ExitIcon } from './exit/icon';
import * as fieldChangedCard from './field_changed/card';
import { Form as FieldChangedForm } from './field_changed/form';
import { Icon as FieldChangedIcon } from './field_changed/icon';
import { genericKind } from './generic';
import * as goalCard from './goal/card';
import { Form as GoalForm } from './goal/form';
import { Icon as GoalIcon } from './goal/icon';
import { kind, type NodeKind } from './kind';
import * as manualCard from './manual/card';
import { Form as ManualForm } from './manual/form';
import { Icon as ManualIcon } from './manual/icon';
import * as notifyOwnerCard from './notify_owner/card';
import { Form as NotifyOwnerForm } from './notify_owner/form';
import { Icon as NotifyOwnerIcon } from './notify_owner/icon';
import * as onceCard from './once/card';
import { Form as OnceForm } from './once/form';
import { Icon as OnceIcon } from './once/icon';
import * as recordEventCard from './record_event/card';
import { Form as RecordEventForm } from './record_event/form';
import { Icon as RecordEventIcon } from './record_event/icon';
import * as removeFromFlowCard from './remove_from_flow/card';
import { Form as RemoveFromFlowForm } from './remove_from_flow/form';
import { Icon as RemoveFromFlowIcon } from './remove_from_flow/icon';
import * as removeFromSegmentCard from './remove_from_segment/card';
import { Form as RemoveFromSegmentForm } from './remove_from_segment/form';
import { Icon as RemoveFromSegmentIcon } from './remove_from_segment/icon';
import * as segmentEnteredCard from './segment_entered/card';
import { Form as SegmentEnteredForm } from './segment_entered/form';
import { Icon as SegmentEnteredIcon } from './segment_entered/icon';
import * as segmentLeftCard from './segment_left/card';
import { Form as SegmentLeftForm } from './segment_left/form';
import { Icon as SegmentLeftIcon } from './segment_left/icon';
import * as sendEmailCard from './send_email/card';
import { Form as SendEmailForm } from './send_email/form';
import { Icon as SendEmailIcon } from './send_email/icon';
import * as setConsentCard from './set_consent/card';
import { Form as SetConsentForm } from './set_consent/form';
import { Icon as SetConsentIcon } from './set_consent/icon';
import * as slackCard from './slack/card';
import { Form as SlackForm } from './slack/form';
import { Icon as SlackIcon } from './slack/icon';
import * as splitCard from './split/card';
import { Form as SplitForm } from './split/form';
import { Icon as SplitIcon } from './split/icon';
import * as switchCard from './switch/card';
import { Form as SwitchForm } from './switch/form';
import { Icon as SwitchIcon } from './switch/icon';
import * as updateFieldsCard from './update_fields/card';
import { Form as UpdateFieldsForm } from './update_fields/form';
import { Icon as UpdateFieldsIcon } from './update_fields/icon';
import * as waitCard from './wait/card';
import { Form as WaitForm } from './wait/form';
import { Icon as WaitIcon } from './wait/icon';
import * as waitDateCard from './wait_date/card';
import { Form as WaitDateForm } from './wait_date/form';
import { Icon as WaitDateIcon } from './wait_date/icon';
import * as waitForCard from './wait_for/card';
import { Form as WaitForForm } from './wait_for/form';
import { Icon as WaitForIcon } from './wait_for/icon';
import * as waitUntilCard from './wait_until/card';
import { Form as WaitUntilForm } from './wait_until/form';
import { Icon as WaitUntilIcon } from './wait_until/icon';
import * as webhookCard from './webhook/card';
import { Form as WebhookForm } from './webhook/form';
import { Icon as WebhookIcon } from './webhook/icon';

export type NodeTypeName =
  | 'segment_entered'
  | 'segment_left'
  | 'event'
  | 'field_changed'
  | 'date'
  | 'once'
  | 'manual'
  | 'wait'
  | 'wait_until'
  | 'wait_date'
  | 'wait_for'
  | 'condition'
  | 'switch'
  | 'split'
  | 'send_email'
  | 'update_fields'
  | 'adjust_score'
  | 'add_to_segment'
  | 'remove_from_segment'
  | 'add_to_flow'
  | 'remove_from_flow'
  | 'set_consent'
  | 'record_event'
  | 'webhook'
  | 'slack'
  | 'notify_owner'
  | 'goal'
  | 'exit';

export const NODE_KINDS = {
  segment_entered: kind({
    icon: SegmentEnteredIcon,
    words: segmentEnteredCard.words,
    form: SegmentEnteredForm,
  }),
  segment_left: kind({
    icon: SegmentLeftIcon,
    words: segmentLeftCard.words,
    form: SegmentLeftForm,
  }),
  event: kind({ icon: EventIcon, words: eventCard.words, form: EventForm }),
  field_changed: kind({
    icon: FieldChangedIcon,
    words: fieldChangedCard.words,
    form: FieldChangedForm,
  }),
  date: kind({ icon: DateIcon, words: dateCard.words, form: DateForm }),
  once: kind({ icon: OnceIcon, words: onceCard.words, form: OnceForm }),
  manual: kind({ icon: ManualIcon, words: manualCard.words, form: ManualForm }),
  wait: kind({ icon: WaitIcon, words: waitCard.words, form: WaitForm }),
  wait_until: kind({ icon: WaitUntilIcon, words: waitUntilCard.words, form: WaitUntilForm }),
  wait_date: kind({ icon: WaitDateIcon, words: waitDateCard.words, form: WaitDateForm }),
  wait_for: kind({ icon: WaitForIcon, words: waitForCard.words, form: WaitForForm }),
  condition: kind({ icon: ConditionIcon, words: conditionCard.words, form: ConditionForm }),
  switch: kind({ icon: SwitchIcon, words: switchCard.words, form: SwitchForm }),
  split: kind({ icon: SplitIcon, words: splitCard.words, form: SplitForm }),
  send_email: kind({ icon: SendEmailIcon, words: sendEmailCard.words, form: SendEmailForm }),
  update_fields: kind({
    icon: UpdateFieldsIcon,
    words: updateFieldsCard.words,
    form: UpdateFieldsForm,
  }),
  adjust_score: kind({
    icon: AdjustScoreIcon,
    words: adjustScoreCard.words,
    form: AdjustScoreForm,
  }),
  add_to_segment: kind({
    icon: AddToSegmentIcon,
    words: addToSegmentCard.words,
    form: AddToSegmentForm,
  }),
  remove_from_segment: kind({
    icon: RemoveFromSegmentIcon,
    words: removeFromSegmentCard.words,
    form: RemoveFromSegmentForm,
  }),
  add_to_flow: kind({ icon: AddToFlowIcon, words: addToFlowCard.words, form: AddToFlowForm }),
  remove_from_flow: kind({
    icon: RemoveFromFlowIcon,
    words: removeFromFlowCard.words,
    form: RemoveFromFlowForm,
  }),
  set_consent: kind({ icon: SetConsentIcon, words: setConsentCard.words, form: SetConsentForm }),
  record_event: kind({
    icon: RecordEventIcon,
    words: recordEventCard.words,
    form: RecordEventForm,
  }),
  webhook: kind({ icon: WebhookIcon, words: webhookCard.words, form: WebhookForm }),
  slack: kind({ icon: SlackIcon, words: slackCard.words, form: SlackForm }),
  notify_owner: kind({
    icon: NotifyOwnerIcon,
    words: notifyOwnerCard.words,
    form: NotifyOwnerForm,
  }),
  goal: kind({ icon: GoalIcon, words: goalCard.words, form: GoalForm }),
  exit: kind({ icon: ExitIcon, words: exitCard.words, form: ExitForm }),
} satisfies Record<NodeTypeName, NodeKind>;

const isKnown = (type: string): type is NodeTypeName => Object.hasOwn(NODE_KINDS, type);

/** The kind of a type; one the browser does not know is drawn and filled in by its schema. */
export const kindOf = (type: string): NodeKind => (isKnown(type) ? NODE_KINDS[type] : genericKind);
