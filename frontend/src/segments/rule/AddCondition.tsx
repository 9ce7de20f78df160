/** "+ Condition": one search over the kinds of condition, and over fields, events and segments. */
import { UnstyledButton } from '@mantine/core';
import {
  IconBolt,
  IconBrandTelegram,
  IconChartLine,
  IconClick,
  IconDice3,
  IconForms,
  IconMailCheck,
  IconMailOpened,
  IconPlus,
  IconRoute,
  IconTarget,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { type Condition, type ConditionType, emptyCondition, type RuleNames } from '@/model/rule';
import { insertAt, pathKey, type RulePath } from '@/model/ruleEdit';
import { withType } from '@/model/ruleOperators';
import { conditionParts, type Slot } from '@/model/ruleSentence';
import { Editor } from './Chip';
import { type Builder, editorId, useBuilder } from './context';
import { type Pick, PickList } from './PickList';
import classes from './rule.module.css';

type Icon = ComponentType<{ size?: number; stroke?: number }>;

const KINDS: readonly { type: ConditionType; label: string; icon: Icon; flowOnly?: boolean }[] = [
  { type: 'event', label: 'Did, or did not do something', icon: IconClick },
  { type: 'field', label: 'A field has a value', icon: IconForms },
  { type: 'segment', label: 'Is in a segment, or not', icon: IconTarget },
  { type: 'consent', label: 'Chose a topic', icon: IconMailCheck },
  { type: 'reachable', label: 'Can be reached by e-mail', icon: IconBrandTelegram },
  { type: 'score_change', label: 'Score has changed', icon: IconChartLine },
  { type: 'flow', label: 'Is or was in a flow', icon: IconRoute },
  { type: 'sample', label: 'A fixed random share', icon: IconDice3 },
  { type: 'trigger', label: 'The event that let them in', icon: IconBolt, flowOnly: true },
  { type: 'flow_email', label: 'An e-mail of this flow', icon: IconMailOpened, flowOnly: true },
];

/** `field/plan`, `event/Order Completed`: a condition of that type about that name. */
function conditionFrom(picked: string, names: RuleNames): Condition {
  const cut = picked.indexOf('/');
  const type = (cut < 0 ? picked : picked.slice(0, cut)) as ConditionType;
  const name = cut < 0 ? '' : picked.slice(cut + 1);
  const fresh = emptyCondition(type);
  if (!name) return fresh;
  if (fresh.type === 'field') {
    const known = names.fields.find((field) => field.key === name)?.type ?? 'string';
    return withType({ ...fresh, field: name }, known);
  }
  if (fresh.type === 'event') return { ...fresh, name };
  if (fresh.type === 'segment') return { ...fresh, segment: name };
  if (fresh.type === 'consent') return { ...fresh, topic: name };
  if (fresh.type === 'flow') return { ...fresh, flow: name };
  return fresh;
}

function foundIn({ names, events }: Builder): Pick[] {
  return [
    ...events.map((each) => ({
      value: `event/${each.name}`,
      label: each.name,
      group: 'Events',
      caption: each.count?.toLocaleString(),
    })),
    ...names.fields.map((each) => ({
      value: `field/${each.key}`,
      label: each.name,
      group: 'Fields',
      caption: each.type,
    })),
    ...names.segments.map((each) => ({
      value: `segment/${each.key}`,
      label: each.name,
      group: 'Segments',
    })),
    ...names.topics.map((each) => ({
      value: `consent/${each.key}`,
      label: each.name,
      group: 'Topics',
    })),
    ...names.flows.map((each) => ({ value: `flow/${each.key}`, label: each.name, group: 'Flows' })),
  ];
}

export function AddCondition({ path, index }: { path: RulePath; index: number }) {
  const builder = useBuilder();
  const { root, change, names, open, setOpen, inFlow, id } = builder;
  const editor = editorId(path, 'add');
  const pick = (value: string) => {
    const condition = conditionFrom(value, names);
    change(insertAt(root, path, condition));
    const ask: Slot | undefined = conditionParts(condition, names).find(
      (part) => part.missing,
    )?.slot;
    setOpen(ask ? editorId([...path, index], ask) : null);
  };
  return (
    <Editor
      id={editor}
      title="Add a condition"
      target={
        <UnstyledButton
          id={`${id}-${pathKey(path)}-add`}
          className={classes.adder}
          aria-haspopup="dialog"
          aria-expanded={open === editor}
          onClick={() => setOpen(open === editor ? null : editor)}
        >
          <IconPlus size={14} aria-hidden /> Condition
        </UnstyledButton>
      }
    >
      <PickList
        label="What about them?"
        options={KINDS.filter((kind) => inFlow || !kind.flowOnly).map((kind) => ({
          value: kind.type,
          label: kind.label,
          icon: <kind.icon size={16} stroke={1.7} />,
        }))}
        found={foundIn(builder)}
        onPick={pick}
      />
    </Editor>
  );
}
