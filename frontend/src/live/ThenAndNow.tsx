/** A step as it is live, against an earlier version or the draft; and all it is set to. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, url } from '@/api/client';
import type { Flow, FlowDiff, GraphNode } from '@/api/types';
import { useCanvas } from '@/canvas/context';
import { SchemaForm } from '@/nodes/generic/SchemaForm';
import { kindOf } from '@/nodes/registry';
import { sentence } from '@/ui/format';
import classes from './ThenAndNow.module.css';

const DRAFT = 'draft';
/** So many versions back can be chosen here; the tab "Versions" has them all. */
const MOST = 40;
const nothing = () => undefined;

interface ThenAndNowProps {
  flow: Flow;
  node: GraphNode;
  /** Versions that people at this step walk, as far as they are shown. */
  walked: readonly number[];
}

export function ThenAndNow({ flow, node, walked }: ThenAndNowProps) {
  const live = flow.version ?? 0;
  const older = walked.filter((number) => number !== live).sort((a, b) => b - a);
  const [picked, setPicked] = useState<string | null>(null);
  const against = picked ?? String(older[0] ?? DRAFT);
  const choices = [
    { value: DRAFT, label: t`the draft` },
    ...Array.from(
      { length: Math.min(MOST, Math.max(0, live - 1)) },
      (_, back) => live - 1 - back,
    ).map((number) => ({
      value: String(number),
      label: older.includes(number)
        ? t`version ${number}, which people here walk`
        : t`version ${number}`,
    })),
  ];
  return (
    <section aria-label={t`This step then and now`} className={classes.part}>
      <h3>
        <span>
          <Trans>Then and now</Trans>
        </span>
        <span>
          <Trans>live: version {live}</Trans>
        </span>
      </h3>
      <Select
        size="xs"
        aria-label={t`Compare this step with`}
        data={choices}
        value={against}
        allowDeselect={false}
        comboboxProps={{ shadow: 'md' }}
        onChange={setPicked}
      />
      <Difference flow={flow} node={node} against={against} />
      <Settings flow={flow} node={node} />
    </section>
  );
}

interface DifferenceProps {
  flow: Flow;
  node: GraphNode;
  against: string;
}

function Difference({ flow, node, against }: DifferenceProps) {
  const draft = against === DRAFT;
  const [from, to] = draft ? ['live', DRAFT] : [against, 'live'];
  const { data, error } = useQuery({
    queryKey: ['flow-versions', flow.key, 'diff', from, to, draft ? flow.revision : flow.version],
    queryFn: () => get<FlowDiff>(url`/api/flows/${flow.key}/diff/`, { from, to }),
    retry: false,
  });
  if (error) return <p className={classes.quiet}>{error.message}</p>;
  if (!data) return <p className={classes.quiet}>{t`Looking …`}</p>;
  const edition = draft ? t`The draft` : t`Version ${against}`;
  const { added, removed, changed } = data.nodes;
  const is = ({ id }: { id: string }) => id === node.id;
  if ((draft ? removed : added).some(is)) {
    return (
      <p className={classes.quiet}>
        <Trans>{edition} does not have this step.</Trans>
      </p>
    );
  }
  const change = changed.find(is);
  if (!change || change.fields.length === 0) {
    return (
      <p className={classes.quiet}>
        <Trans>{edition} has this step as it is live.</Trans>
      </p>
    );
  }
  const [live, other] = draft ? [change.before, change.after] : [change.after, change.before];
  return (
    <dl className={classes.two}>
      <dt>{edition}</dt>
      <dd>{sentence(other.replaceAll('**', ''))}</dd>
      <dt>
        <Trans>Live</Trans>
      </dt>
      <dd>{sentence(live.replaceAll('**', ''))}</dd>
      <dt>
        <Trans>Changed</Trans>
      </dt>
      <dd>
        <ul>
          {change.fields.map((field) => (
            <li key={field.field}>{field.words}</li>
          ))}
        </ul>
      </dd>
    </dl>
  );
}

/** The step's form as it was published, to be read. */
function Settings({ flow, node }: { flow: Flow; node: GraphNode }) {
  const [open, setOpen] = useState(false);
  const { types } = useCanvas();
  const graph = flow.live_graph;
  if (!graph) return null;
  const Form = kindOf(node.type).form;
  const props = { config: node.config, onChange: nothing, faults: [], node, graph, readOnly: true };
  return (
    <details
      className={classes.settings}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <Trans>All its settings</Trans>
      </summary>
      {open && (
        <fieldset disabled>
          {Form ? (
            <Form {...props} />
          ) : (
            <SchemaForm {...props} schema={types.get(node.type)?.config_schema ?? {}} />
          )}
        </fieldset>
      )}
    </details>
  );
}
