/** Failures by their reason, each with the ways to mend it: try again, or go on without the step. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Menu } from '@mantine/core';
import { IconAlertTriangle, IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import { useCanEdit } from '@/api/queries';
import type { FailureGroup, Flow, GraphNode } from '@/api/types';
import { branchLabel } from '@/canvas/branches';
import { useCanvas } from '@/canvas/context';
import { useTitleIn } from '@/canvas/useTitles';
import { byNode, countOf, type RepairTarget } from '@/model/failures';
import { branchesOf, nodeOf } from '@/model/graph';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { TimeAgo } from '@/ui/TimeAgo';
import classes from './Failures.module.css';
import { type Repair, useRepair } from './useRepair';

interface NodeFailuresProps {
  flow: Flow;
  node: GraphNode;
  groups: readonly FailureGroup[];
}

/** What failed at one step. */
export function NodeFailures({ flow, node, groups }: NodeFailuresProps) {
  const own = groups.filter((group) => group.node === node.id);
  if (own.length === 0) return null;
  return (
    <section aria-label={t`Failed here`}>
      <h3>
        <span>
          <Trans>Failed here</Trans>
        </span>
        <span>{plural(countOf(own), { one: '# person', other: '# people' })}</span>
      </h3>
      <Groups flow={flow} node={node} groups={own} />
      {own.length > 1 && (
        <div className={classes.whole}>
          <Mend flow={flow} node={node} target={{ node: node.id }} count={countOf(own)} all />
        </div>
      )}
    </section>
  );
}

interface FlowFailuresProps {
  flow: Flow;
  groups: readonly FailureGroup[];
  onNode: (node: string) => void;
}

/** What failed anywhere in the flow, by step. */
export function FlowFailures({ flow, groups, onNode }: FlowFailuresProps) {
  const graph = flow.live_graph;
  const title = useTitleIn(graph);
  if (groups.length === 0) return null;
  const nodes = byNode(groups);
  return (
    <section aria-label={t`Failed`}>
      <h3>
        <span>
          <Trans>Failed</Trans>
        </span>
        <span>{plural(countOf(groups), { one: '# person', other: '# people' })}</span>
      </h3>
      {nodes.map(([id, own]) => (
        <div key={id} className={classes.step}>
          <button type="button" className={classes.stepName} onClick={() => onNode(id)}>
            {title(id)}
          </button>
          <Groups flow={flow} node={graph ? nodeOf(graph, id) : undefined} groups={own} />
        </div>
      ))}
      {nodes.length > 1 && (
        <div className={classes.whole}>
          <Mend flow={flow} target={{ all: true }} count={countOf(groups)} all />
        </div>
      )}
    </section>
  );
}

interface GroupsProps {
  flow: Flow;
  node: GraphNode | undefined;
  groups: readonly FailureGroup[];
}

function Groups({ flow, node, groups }: GroupsProps) {
  return (
    <ul className={classes.groups}>
      {groups.map((group) => (
        <li key={group.kind}>
          <Reason text={group.error || group.kind} />
          <p className={classes.when}>
            {plural(group.count, { one: '# person', other: '# people' })},{' '}
            {group.count > 1 && (
              <Trans>
                first <TimeAgo at={group.first_at} />, last{' '}
              </Trans>
            )}
            <TimeAgo at={group.last_at} />
          </p>
          <Mend
            flow={flow}
            node={node}
            target={{ node: group.node, kind: group.kind }}
            count={group.count}
          />
        </li>
      ))}
    </ul>
  );
}

/** Errors can be long: three lines of them, and all of it by a click. */
function Reason({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const long = text.length > 140 || text.split('\n').length > 3;
  return (
    <div className={classes.reason}>
      <IconAlertTriangle size={14} stroke={2} aria-hidden />
      <span>
        <span className={classes.error} data-whole={whole || undefined}>
          {text}
        </span>
        {long && (
          <button type="button" aria-expanded={whole} onClick={() => setWhole(!whole)}>
            {whole ? t`Less` : t`The whole error`}
          </button>
        )}
      </span>
    </div>
  );
}

interface MendProps {
  flow: Flow;
  /** The step, where all are at one: its ways out can be chosen. */
  node?: GraphNode;
  target: RepairTarget;
  count: number;
  /** Says "all". */
  all?: boolean;
}

function Mend({ flow, node, target, count, all = false }: MendProps) {
  const { store } = useCanvas();
  const canEdit = useCanEdit();
  const repair = useRepair(flow.key);
  const [skipping, setSkipping] = useState<Repair | null>(null);
  if (!canEdit || flow.status === 'archived') return null;
  const branches = node ? branchesOf(node, store.getState().typeOf) : [];
  const skip = (branch?: string) => setSkipping({ way: 'skip', target, branch });
  const whom = all ? ' all' : '';
  return (
    <div className={classes.mend}>
      <Button
        size="compact-sm"
        variant="default"
        loading={repair.isPending && repair.variables.way === 'retry'}
        onClick={() => repair.mutate({ way: 'retry', target })}
      >
        <Trans>Retry{whom}</Trans>
      </Button>
      {(flow.version ?? 0) > 1 && (
        <Button
          size="compact-sm"
          variant="default"
          title={t`People on an older version get this step as the live version has it`}
          onClick={() => repair.mutate({ way: 'retry', target, live: true })}
        >
          <Trans>Retry as in version {flow.version}</Trans>
        </Button>
      )}
      {branches.length > 1 ? (
        <Menu position="bottom-start" shadow="md">
          <Menu.Target>
            <Button size="compact-sm" variant="subtle" rightSection={<IconChevronDown size={13} />}>
              <Trans>Skip{whom}</Trans>
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>
              <Trans>Go on by</Trans>
            </Menu.Label>
            {branches.map((branch) => (
              <Menu.Item key={branch} onClick={() => skip(branch)}>
                {branchLabel(branch)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      ) : (
        <Button size="compact-sm" variant="subtle" onClick={() => skip()}>
          <Trans>Skip{whom}</Trans>
        </Button>
      )}
      <ConfirmDialog
        opened={skipping !== null}
        title={
          node
            ? t`Let ${plural(count, { one: '# person', other: '# people' })} go on without this step?`
            : t`Let ${plural(count, { one: '# person', other: '# people' })} go on without it?`
        }
        confirm={t`Skip`}
        busy={repair.isPending}
        onClose={() => setSkipping(null)}
        onConfirm={() => {
          if (skipping) repair.mutate(skipping, { onSettled: () => setSkipping(null) });
        }}
      >
        <Trans>
          What the step would have done is not done for them.
          {skipping?.branch &&
            (count === 1
              ? t` This person goes on by “${branchLabel(skipping.branch)}”.`
              : t` They go on by “${branchLabel(skipping.branch)}”.`)}
        </Trans>
      </ConfirmDialog>
    </div>
  );
}
