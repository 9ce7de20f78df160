/** One person through the draft: who they are, what happens to them, and what comes of it. */
import { Button, Loader, SegmentedControl, Select } from '@mantine/core';
import { IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { post, url } from '@/api/client';
import type { ContactRef, Flow, Json, Simulation } from '@/api/types';
import { useCanvasState } from '@/canvas/context';
import { ContactPicker } from '@/contacts/ContactPicker';
import { PersonCell } from '@/contacts/PersonCell';
import { firstHappening, type Happening, timelineBody } from '@/model/trial';
import { RowsField } from '@/nodes/fields/RowsField';
import { SimulationResult } from './SimulationResult';
import { TimelineEditor } from './TimelineEditor';
import type { Shown } from './TryTab';
import classes from './trial.module.css';

const SPANS = [
  { value: 'P1D', label: 'for a day', days: 1 },
  { value: 'P7D', label: 'for 7 days', days: 7 },
  { value: 'P30D', label: 'for 30 days', days: 30 },
  { value: 'P90D', label: 'for 90 days', days: 90 },
  { value: 'P365D', label: 'for a year', days: 365 },
];
const DAY = 86_400_000;
const USUAL_DAYS = 30;
const SOMEBODY: Record<string, Json> = { email: 'ada@example.com', first_name: 'Ada' };

interface SimulatePanelProps {
  flow: Flow;
  onShow: (shown: Shown) => void;
}

export function SimulatePanel({ flow, onShow }: SimulatePanelProps) {
  const graph = useCanvasState((state) => state.graph);
  const settings = useCanvasState((state) => state.settings);
  const [who, setWho] = useState<'made-up' | 'real'>('made-up');
  const [fields, setFields] = useState(SOMEBODY);
  const [contact, setContact] = useState<ContactRef | null>(null);
  const [span, setSpan] = useState('P30D');
  const [happenings, setHappenings] = useState<Happening[]>(() => [
    { id: 0, ...firstHappening(graph) },
  ]);
  const run = useMutation({
    mutationFn: () => {
      const start = new Date();
      const days = SPANS.find((each) => each.value === span)?.days ?? USUAL_DAYS;
      const from = start.toISOString();
      return post<Simulation>(url`/api/flows/${flow.key}/simulate/`, {
        draft: true,
        graph,
        settings,
        ...(who === 'real' && contact ? { contact_id: contact.id } : { contact: { fields } }),
        start: from,
        end: new Date(start.getTime() + days * DAY).toISOString(),
        timeline: timelineBody(happenings, flow.key, from),
      });
    },
    onMutate: () => onShow({}),
  });
  const ready = who === 'made-up' || contact !== null;

  return (
    <>
      <section className={classes.section} aria-label="Who">
        <h2>Who</h2>
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label="Who"
          value={who}
          data={[
            { value: 'made-up', label: 'Somebody made up' },
            { value: 'real', label: 'A contact' },
          ]}
          onChange={(next) => setWho(next === 'real' ? 'real' : 'made-up')}
        />
        {who === 'made-up' && (
          <RowsField
            label="Fields"
            values={fields}
            onChange={setFields}
            nameLabel="Field"
            add="Field"
          />
        )}
        {who === 'real' &&
          (contact ? (
            <div className={classes.who}>
              <PersonCell contact={contact} />
              <Button
                variant="subtle"
                size="compact-xs"
                leftSection={<IconX size={12} />}
                onClick={() => setContact(null)}
              >
                Another
              </Button>
            </div>
          ) : (
            <ContactPicker onPick={setContact} />
          ))}
      </section>
      <section className={classes.section} aria-label="What happens">
        <h2>What happens</h2>
        <TimelineEditor value={happenings} onChange={setHappenings} />
        <Select
          label="Watch"
          data={SPANS.map(({ value, label }) => ({ value, label }))}
          value={span}
          allowDeselect={false}
          onChange={(next) => setSpan(next ?? 'P30D')}
          comboboxProps={{ shadow: 'md' }}
        />
      </section>
      <Button
        leftSection={
          run.isPending ? <Loader size={13} color="white" /> : <IconPlayerPlay size={14} />
        }
        disabled={!ready || run.isPending}
        onClick={() => run.mutate()}
      >
        Play
      </Button>
      <p className={classes.hint}>Nothing is stored, and nothing is sent.</p>
      {run.error && (
        <p className={classes.bad} role="alert">
          {run.error.message}
        </p>
      )}
      {run.data && !run.isPending && (
        <SimulationResult
          key={run.submittedAt}
          flow={flow}
          graph={graph}
          result={run.data}
          onShow={onShow}
        />
      )}
    </>
  );
}
