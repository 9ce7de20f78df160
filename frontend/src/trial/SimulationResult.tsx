/** What came of a simulation: the path, played step by step on the canvas, and the e-mails. */
import { ActionIcon, Group, Modal } from '@mantine/core';
import {
  IconMail,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Flow, Graph, SimulatedMessage, SimulatedVisit, Simulation } from '@/api/types';
import { branchLabel } from '@/canvas/branches';
import { useTitleIn } from '@/canvas/useTitles';
import { EmailFrame } from '@/messages/EmailFrame';
import { walked } from '@/model/trial';
import { exactInstant, plural, shortInstant } from '@/ui/format';
import { StatusBadge } from '@/ui/StatusBadge';
import type { Shown } from './TryTab';
import classes from './trial.module.css';

const PACE = 650;
const OUTCOMES: Record<SimulatedVisit['outcome'], string> = {
  inside: 'Still inside at the end',
  completed: 'Came to the end',
  converted: 'Converted',
  exited: 'Left',
  failed: 'Failed',
};

interface SimulationResultProps {
  flow: Flow;
  graph: Graph;
  result: Simulation;
  onShow: (shown: Shown) => void;
}

const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

export function SimulationResult({ flow, graph, result, onShow }: SimulationResultProps) {
  const visits = result.visits[flow.key] ?? [];
  const [number, setNumber] = useState(0);
  const visit = visits[number];
  const others = Object.entries(result.visits).filter(
    ([key, each]) => key !== flow.key && each.length > 0,
  );
  return (
    <section className={classes.section} aria-label="What comes of it">
      <h2>What comes of it</h2>
      {!visit && (
        <p className={classes.hint}>
          This person does not come in. Let something happen that lets them in.
        </p>
      )}
      {visits.length > 1 && (
        <Group gap={4}>
          {visits.map((each, place) => (
            <button
              key={each.path[0]?.at ?? place}
              type="button"
              className={classes.chip}
              aria-pressed={place === number}
              onClick={() => setNumber(place)}
            >
              Visit {place + 1}
            </button>
          ))}
        </Group>
      )}
      {visit && <Path key={number} graph={graph} visit={visit} onShow={onShow} />}
      <Mails messages={result.messages.filter((message) => message.flow === flow.key)} />
      {result.calls.length > 0 && (
        <p className={classes.hint}>{plural(result.calls.length, 'call')} would go out.</p>
      )}
      {others.length > 0 && (
        <p className={classes.hint}>Also goes through {others.map(([key]) => key).join(', ')}.</p>
      )}
      {result.notes.map((note) => (
        <p key={note} className={classes.note}>
          {note}
        </p>
      ))}
    </section>
  );
}

interface PathProps {
  graph: Graph;
  visit: SimulatedVisit;
  onShow: (shown: Shown) => void;
}

function Path({ graph, visit, onShow }: PathProps) {
  const title = useTitleIn(graph);
  const last = visit.path.length - 1;
  const [at, setAt] = useState(() => (still() ? last : 0));
  const [playing, setPlaying] = useState(() => !still());

  useEffect(() => {
    if (!playing) return;
    if (at >= last) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => setAt(at + 1), PACE);
    return () => clearTimeout(timer);
  }, [playing, at, last]);

  useEffect(() => {
    onShow({ marks: walked(graph, visit.path, at), chosen: visit.path[at]?.node });
  }, [at, graph, visit, onShow]);

  const go = (place: number) => {
    setPlaying(false);
    setAt(Math.max(0, Math.min(last, place)));
  };
  return (
    <>
      <Group gap={4}>
        <ActionIcon
          variant="default"
          aria-label="One step back"
          disabled={at === 0}
          onClick={() => go(at - 1)}
        >
          <IconPlayerSkipBack size={14} />
        </ActionIcon>
        <ActionIcon
          variant="default"
          aria-label={playing ? 'Pause' : 'Play the path'}
          onClick={() => {
            if (!playing && at >= last) setAt(0);
            setPlaying(!playing);
          }}
        >
          {playing ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />}
        </ActionIcon>
        <ActionIcon
          variant="default"
          aria-label="One step on"
          disabled={at >= last}
          onClick={() => go(at + 1)}
        >
          <IconPlayerSkipForward size={14} />
        </ActionIcon>
        <span className={classes.hint}>
          Step {at + 1} of {last + 1}
        </span>
      </Group>
      <ol className={classes.path}>
        {visit.path.map((step, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a node may come more than once
          <li key={place} data-now={place === at || undefined} data-later={place > at || undefined}>
            <button type="button" onClick={() => go(place)}>
              <strong>{title(step.node)}</strong>
              <small>
                <time dateTime={step.at} title={exactInstant(step.at)}>
                  {shortInstant(step.at)}
                </time>
                {step.branch && step.branch !== 'next' && ` · ${branchLabel(step.branch)}`}
              </small>
              <span>{step.reason}</span>
            </button>
          </li>
        ))}
      </ol>
      <p className={classes.outcome}>
        <StatusBadge tone={visit.outcome === 'failed' ? 'bad' : 'accent'}>
          {OUTCOMES[visit.outcome]}
        </StatusBadge>
        <span>
          {visit.reason}
          {visit.outcome === 'inside' && visit.until && `, goes on ${shortInstant(visit.until)}`}
        </span>
      </p>
    </>
  );
}

function Mails({ messages }: { messages: SimulatedMessage[] }) {
  const [open, setOpen] = useState<SimulatedMessage | null>(null);
  if (messages.length === 0) return null;
  return (
    <>
      <h3 className={classes.sub}>{plural(messages.length, 'e-mail')}</h3>
      <ul className={classes.mails}>
        {messages.map((message) => (
          <li key={`${message.at} ${message.node}`}>
            <button type="button" onClick={() => setOpen(message)}>
              <IconMail size={15} stroke={1.7} aria-hidden />
              <span>
                <strong>{message.subject || 'No subject'}</strong>
                <small>
                  {shortInstant(message.at)}
                  {message.status !== 'sent' &&
                    ` · ${message.status.replaceAll('_', ' ')}${message.reason ? `: ${message.reason}` : ''}`}
                </small>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {open && (
        <Modal
          opened
          onClose={() => setOpen(null)}
          size={680}
          title={<strong>{open.subject || 'No subject'}</strong>}
        >
          <p className={classes.hint}>
            To {open.to || 'nobody'}, {exactInstant(open.at)}
          </p>
          {open.html ? <EmailFrame html={open.html} width={640} /> : <pre>{open.text}</pre>}
        </Modal>
      )}
    </>
  );
}
