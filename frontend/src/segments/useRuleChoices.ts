/** The names that the rule builder offers, read from the server and shared by all pages. */
import { useEventNames, useFields, useFlowChoices, useSegments, useTopics } from '@/api/queries';
import type { EventName, Field, FlowRow, SegmentRow, Topic } from '@/api/types';

export interface RuleChoices {
  fields: readonly Field[];
  events: readonly EventName[];
  segments: readonly SegmentRow[];
  topics: readonly Topic[];
  flows: readonly FlowRow[];
}

const NONE: readonly never[] = [];

export function useRuleChoices(): RuleChoices {
  return {
    fields: useFields().data ?? NONE,
    events: useEventNames().data ?? NONE,
    segments: useSegments().data ?? NONE,
    topics: useTopics().data ?? NONE,
    flows: useFlowChoices().data ?? NONE,
  };
}
