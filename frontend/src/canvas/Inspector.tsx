/** The panel beside the canvas for the chosen step: what it does, its form, where it leads. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, Group, Select, Textarea, Tooltip } from '@mantine/core';
import {
  IconCopy,
  IconLayoutAlignBottom,
  IconLayoutAlignCenter,
  IconLayoutAlignLeft,
  IconLayoutAlignRight,
  IconLayoutAlignTop,
  IconLayoutDistributeHorizontal,
  IconLayoutDistributeVertical,
  IconTrash,
} from '@tabler/icons-react';
import type { GraphNode } from '@/api/types';
import { type Alignment, aligned } from '@/model/arrange';
import { fragmentOf } from '@/model/fragment';
import { branchesOf, branchOf, canConnect, nodeOf } from '@/model/graph';
import { isNoteKey, noteOf } from '@/model/notes';
import { SchemaForm } from '@/nodes/generic/SchemaForm';
import { kindOf } from '@/nodes/registry';
import { branchLabel } from './branches';
import { useCanvas, useCanvasState } from './context';
import classes from './Inspector.module.css';
import { Tile } from './NodeCard';
import { INSPECTOR_ID, nodeElement } from './useShortcuts';

export function Inspector() {
  const selected = useCanvasState((state) => state.selected);
  const graph = useCanvasState((state) => state.graph);
  const [id] = selected;
  const node = id ? nodeOf(graph, id) : undefined;
  if (selected.size > 1) return <Several selected={selected} />;
  if (id && noteOf(graph, id)) return <NoteInspector id={id} />;
  return node ? <StepInspector key={node.id} node={node} /> : null;
}

/** "3 steps", "1 note", "3 steps and 1 note". */
function chosenWords(selected: ReadonlySet<string>): string {
  const notes = [...selected].filter(isNoteKey).length;
  const steps = selected.size - notes;
  const stepWords = plural(steps, { one: '# step', other: '# steps' });
  const noteWords = plural(notes, { one: '# note', other: '# notes' });
  if (notes === 0) return t`${stepWords} chosen`;
  return steps === 0 ? t`${noteWords} chosen` : t`${stepWords} and ${noteWords} chosen`;
}

function Several({ selected }: { selected: ReadonlySet<string> }) {
  const { store } = useCanvas();
  const readOnly = useCanvasState((state) => state.readOnly);
  return (
    <div className={classes.panel}>
      <h2 className={classes.title}>{chosenWords(selected)}</h2>
      <p className={classes.about}>
        <Trans>Drag them together, copy them with Ctrl C, or remove them.</Trans>
      </p>
      {!readOnly && <Align />}
      {!readOnly && (
        <Group gap={8}>
          <Button variant="default" onClick={() => duplicate(store)}>
            <Trans>Duplicate</Trans>
          </Button>
          <Button variant="default" onClick={() => store.getState().removeSelected()}>
            <Trans>Remove</Trans>
          </Button>
        </Group>
      )}
    </div>
  );
}

const ALIGN: { how: Alignment; label: string; icon: typeof IconLayoutAlignLeft }[] = [
  { how: 'left', label: t`Align left`, icon: IconLayoutAlignLeft },
  { how: 'middle', label: t`Align in the middle`, icon: IconLayoutAlignCenter },
  { how: 'right', label: t`Align right`, icon: IconLayoutAlignRight },
  { how: 'top', label: t`Align at the top`, icon: IconLayoutAlignTop },
  { how: 'bottom', label: t`Align at the bottom`, icon: IconLayoutAlignBottom },
  { how: 'across', label: t`Space evenly across`, icon: IconLayoutDistributeVertical },
  { how: 'down', label: t`Space evenly down`, icon: IconLayoutDistributeHorizontal },
];

function Align() {
  const { store } = useCanvas();
  const align = (how: Alignment) => {
    const { graph, selected, move } = store.getState();
    move(
      aligned(
        graph.nodes.filter((node) => selected.has(node.id)),
        how,
      ),
    );
  };
  return (
    <div className={classes.align} role="toolbar" aria-label={t`Put in line`}>
      {ALIGN.map(({ how, label, icon: Icon }) => (
        <Tooltip key={how} label={label}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={30}
            aria-label={label}
            onClick={() => align(how)}
          >
            <Icon size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      ))}
    </div>
  );
}

/** A note is written where it lies; here stands what else can be done with it. */
function NoteInspector({ id }: { id: string }) {
  const { store } = useCanvas();
  const readOnly = useCanvasState((state) => state.readOnly);
  return (
    <section id={INSPECTOR_ID} aria-label={t`Note`} className={classes.panel}>
      <h2 className={classes.title}>
        <Trans>Note</Trans>
      </h2>
      <p className={classes.about}>
        <Trans>
          For whoever draws or watches this flow; nobody in it sees it. Double-click it, or press
          Enter, to write; its right edge makes it wider.
        </Trans>
      </p>
      {!readOnly && (
        <Group gap={8}>
          <Button variant="default" onClick={() => store.getState().write(id)}>
            <Trans>Write</Trans>
          </Button>
          <Button variant="default" onClick={() => duplicate(store)}>
            <Trans>Duplicate</Trans>
          </Button>
          <Button variant="default" onClick={() => store.getState().remove([id])}>
            <Trans>Remove</Trans>
          </Button>
        </Group>
      )}
    </section>
  );
}

function duplicate(store: ReturnType<typeof useCanvas>['store']) {
  const { graph, selected, paste } = store.getState();
  paste(fragmentOf(graph, selected));
}

function StepInspector({ node }: { node: GraphNode }) {
  const { names, types, store } = useCanvas();
  const graph = useCanvasState((state) => state.graph);
  const problems = useCanvasState((state) => state.problems);
  const readOnly = useCanvasState((state) => state.readOnly);
  const type = types.get(node.type);
  const kind = kindOf(node.type);
  const faults = problems.filter((problem) => problem.node === node.id);
  const general = faults.filter((fault) => !fault.field);
  const words = kind.words(node.config, names);
  const props = {
    config: node.config,
    onChange: (config: GraphNode['config']) => store.getState().configure(node.id, config),
    faults,
    node,
    graph,
    readOnly,
  };
  const Form = kind.form;

  return (
    <section
      id={INSPECTOR_ID}
      aria-label={words.title || type?.title}
      className={classes.panel}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        // The first Escape closes an open list, the next goes back to the card.
        const open = event.target instanceof Element && event.target.ariaExpanded === 'true';
        if (!open) nodeElement(node.id)?.focus();
      }}
    >
      <header className={classes.head}>
        <Tile group={type?.group ?? 'action'} type={node.type} />
        <div>
          <h2 className={classes.title}>{words.title || type?.title || node.type}</h2>
          <p className={classes.about}>{type?.description}</p>
        </div>
      </header>
      {general.length > 0 && (
        <ul className={classes.faults}>
          {general.map((fault) => (
            <li key={fault.detail}>{fault.detail}</li>
          ))}
        </ul>
      )}
      <div className={classes.fields}>
        {Form ? <Form {...props} /> : <SchemaForm {...props} schema={type?.config_schema ?? {}} />}
      </div>
      <Ways node={node} />
      <div className={classes.fields}>
        <Textarea
          size="xs"
          label={t`Note`}
          placeholder={t`For whoever reads this flow`}
          autosize
          minRows={1}
          maxRows={5}
          value={node.note ?? ''}
          readOnly={readOnly}
          onChange={(event) => store.getState().annotate(node.id, event.currentTarget.value)}
        />
      </div>
      {!readOnly && (
        <footer className={classes.foot}>
          <code title={t`The step’s id, which lasts from version to version`}>{node.id}</code>
          <Tooltip label={t`Duplicate (Ctrl D)`}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t`Duplicate this step`}
              onClick={() => duplicate(store)}
            >
              <IconCopy size={16} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t`Remove (Delete)`}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t`Remove this step`}
              onClick={() => store.getState().remove([node.id])}
            >
              <IconTrash size={16} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        </footer>
      )}
    </section>
  );
}

/** Where each way out leads, for those who would rather choose than drag. */
function Ways({ node }: { node: GraphNode }) {
  const { names, types, store } = useCanvas();
  const graph = useCanvasState((state) => state.graph);
  const readOnly = useCanvasState((state) => state.readOnly);
  const { typeOf } = store.getState();
  const branches = branchesOf(node, typeOf);
  if (branches.length === 0) return null;
  const title = (other: GraphNode) =>
    kindOf(other.type).words(other.config, names).title ||
    types.get(other.type)?.title ||
    other.type;
  const choices = graph.nodes
    .filter((other) => canConnect(graph, { source: node.id, target: other.id }, typeOf))
    .map((other) => ({ value: other.id, label: title(other) }));

  return (
    <fieldset className={classes.ways}>
      <legend>
        <Trans>Then</Trans>
      </legend>
      {branches.map((branch) => {
        const edge = graph.edges.find(
          (each) => each.source === node.id && branchOf(each) === branch,
        );
        const end = { node: node.id, branch };
        return (
          <Select
            key={branch}
            label={branches.length > 1 ? branchLabel(branch) : undefined}
            aria-label={t`Where “${branchLabel(branch)}” leads`}
            placeholder={t`The visit ends here`}
            data={choices}
            value={edge?.target ?? null}
            clearable
            searchable
            readOnly={readOnly}
            nothingFoundMessage={t`No step it may lead to`}
            comboboxProps={{ shadow: 'md' }}
            onChange={(target) =>
              target ? store.getState().connect(end, target) : store.getState().disconnect(end)
            }
          />
        );
      })}
    </fieldset>
  );
}
