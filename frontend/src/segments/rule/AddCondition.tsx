/** "+ Condition": one search over the kinds of condition, and over fields, events and segments. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
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
  IconUsers,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { type Condition, type ConditionType, emptyCondition, type RuleNames } from '@/model/rule';
import { insertAt, type RulePath } from '@/model/ruleEdit';
import { withType } from '@/model/ruleOperators';
import { conditionParts, type Slot } from '@/model/ruleSentence';
import { gripId, titleOf } from './actions';
import { Opener } from './Chip';
import { type Builder, editorId, focusSoon, useBuilder, useBuilderState } from './context';
import { type Pick, PickList } from './PickList';
import classes from './rule.module.css';

type Icon = ComponentType<{ size?: number; stroke?: number }>;

const KINDS: readonly { type: ConditionType; label: string; icon: Icon; flowOnly?: boolean }[] = [
  { type: 'event', label: t`Did, or did not do something`, icon: IconClick },
  { type: 'field', label: t`A field has a value`, icon: IconForms },
  { type: 'segment', label: t`Is in a segment, or not`, icon: IconTarget },
  { type: 'consent', label: t`Chose a topic`, icon: IconMailCheck },
  { type: 'reachable', label: t`Can be reached by e-mail`, icon: IconBrandTelegram },
  { type: 'score_change', label: t`Score has changed`, icon: IconChartLine },
  { type: 'flow', label: t`Is or was in a flow`, icon: IconRoute },
  { type: 'sample', label: t`A fixed random share`, icon: IconDice3 },
  { type: 'everyone', label: t`Everyone`, icon: IconUsers },
  { type: 'trigger', label: t`The event that let them in`, icon: IconBolt, flowOnly: true },
  { type: 'flow_email', label: t`An e-mail of this flow`, icon: IconMailOpened, flowOnly: true },
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
      group: t`Events`,
      caption: each.count?.toLocaleString(),
    })),
    ...names.fields.map((each) => ({
      value: `field/${each.key}`,
      label: each.name,
      group: t`Fields`,
      caption: each.type,
    })),
    ...names.segments.map((each) => ({
      value: `segment/${each.key}`,
      label: each.name,
      group: t`Segments`,
    })),
    ...names.topics.map((each) => ({
      value: `consent/${each.key}`,
      label: each.name,
      group: t`Topics`,
    })),
    ...names.flows.map((each) => ({
      value: `flow/${each.key}`,
      label: each.name,
      group: t`Flows`,
    })),
  ];
}

interface AddConditionProps {
  path: RulePath;
  /** Where in the group the new condition goes. */
  index: number;
  /** Why nothing more can be added. */
  because: string | null;
}

export function AddCondition({ path, index, because }: AddConditionProps) {
  const builder = useBuilder();
  const open = useBuilderState((state) => state.open === editorId(path, 'add'));
  if (because) {
    return (
      <button
        type="button"
        className={classes.adder}
        aria-disabled
        title={because}
        onClick={() => builder.say(because)}
      >
        <Trans>
          <IconPlus size={14} aria-hidden /> Condition
        </Trans>
      </button>
    );
  }
  return (
    <Opener
      path={path}
      slot="add"
      open={open}
      id={`${builder.id}-${editorId(path, 'add')}`}
      className={classes.adder}
      text={
        <Trans>
          <IconPlus size={14} aria-hidden /> Condition
        </Trans>
      }
      editor={
        open ? { title: t`Add a condition`, body: () => <Kinds path={path} index={index} /> } : null
      }
    />
  );
}

function Kinds({ path, index }: { path: RulePath; index: number }) {
  const builder = useBuilder();
  const { names, setOpen, inFlow } = builder;
  const pick = (value: string) => {
    const condition = conditionFrom(value, names);
    builder.change(insertAt(builder.root(), path, condition));
    const ask: Slot | undefined = conditionParts(condition, names).find(
      (part) => part.missing,
    )?.slot;
    setOpen(ask ? editorId([...path, index], ask) : null);
    builder.say(t`Added ${titleOf(condition, names)}.`);
    if (!ask) focusSoon(gripId(builder, [...path, index]));
  };
  return (
    <PickList
      label={t`What about them?`}
      options={KINDS.filter((kind) => inFlow || !kind.flowOnly).map((kind) => ({
        value: kind.type,
        label: kind.label,
        icon: <kind.icon size={16} stroke={1.7} />,
      }))}
      found={foundIn(builder)}
      onPick={pick}
    />
  );
}
