/** A rule in the inspector: its sentence, and a roomy dialog with the builder to change it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Input, Loader, Modal } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useEventNames } from '@/api/queries';
import type { Graph, Rule as RuleJson } from '@/api/types';
import { asRule, type Rule } from '@/model/rule';
import { partsText, sentenceParts } from '@/model/ruleSentence';
import type { Names } from '../kind';
import { mailsOf, useNames } from '../names';
import classes from './fields.module.css';

const RuleBuilder = lazy(() =>
  import('@/segments/RuleBuilder').then((module) => ({ default: module.RuleBuilder })),
);

export interface RuleFieldProps {
  label: string;
  description?: string;
  value: RuleJson | null | undefined;
  onChange: (rule: RuleJson) => void;
  error?: string;
  readOnly?: boolean;
  inFlow?: boolean;
  /** The flow the rule is in: its e-mails and its triggers' events are offered. */
  graph?: Graph;
}

export function RuleField({
  label,
  description,
  value,
  onChange,
  error,
  readOnly = false,
  inFlow = true,
  graph,
}: RuleFieldProps) {
  const [draft, setDraft] = useState<Rule | null>(null);
  const names = useNames();
  const { data: events = [] } = useEventNames();
  const { mails, triggerEvents } = useMemo(() => fromGraph(graph, names), [graph, names]);
  const rule = asRule(value);
  const said = (each: Rule) => partsText(sentenceParts(each, { ...names, mails }));

  return (
    <Input.Wrapper label={label} description={description} error={error} size="xs">
      <div className={classes.rule} data-bad={error ? true : undefined}>
        <span>{said(rule)}</span>
        <Button variant="default" size="compact-sm" onClick={() => setDraft(rule)}>
          {readOnly ? t`Show the rule` : t`Edit the rule`}
        </Button>
      </div>
      <Modal
        opened={draft !== null}
        onClose={() => setDraft(null)}
        title={<strong>{label}</strong>}
        size={860}
        yOffset="8vh"
      >
        <Suspense fallback={<Loader size="sm" />}>
          {draft && <p className={classes.ruleSentence}>{said(draft)}</p>}
          {draft && (
            <RuleBuilder
              value={draft}
              onChange={(next: Rule) => setDraft(next)}
              fields={names.fields}
              segments={names.segments}
              topics={names.topics}
              flows={names.flows}
              mails={mails}
              events={events}
              triggerEvents={triggerEvents}
              inFlow={inFlow}
              readOnly={readOnly}
            />
          )}
        </Suspense>
        <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8, marginTop: 20 }}>
          <Button variant="default" onClick={() => setDraft(null)}>
            {readOnly ? t`Close` : t`Cancel`}
          </Button>
          {!readOnly && (
            <Button
              onClick={() => {
                if (draft) onChange(draft as unknown as RuleJson);
                setDraft(null);
              }}
            >
              <Trans>Use this rule</Trans>
            </Button>
          )}
        </div>
      </Modal>
    </Input.Wrapper>
  );
}

/** What the flow's own steps offer to a rule: the e-mails it sends, the events that let in. */
function fromGraph(graph: Graph | undefined, names: Names) {
  const nodes = graph?.nodes ?? [];
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    mails: mailsOf(graph, names),
    triggerEvents: nodes
      .filter((node) => node.type === 'event')
      .flatMap((node) => text(node.config.name) ?? []),
  };
}
