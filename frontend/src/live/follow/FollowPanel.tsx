/** Beside the canvas while somebody is followed: where they are, what comes next, each step so far. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Flow, Graph, VisitOutcome, VisitShown } from '@/api/types';
import { branchLabel } from '@/canvas/branches';
import { useTitleIn } from '@/canvas/useTitles';
import { beside } from '@/model/follow';
import { Avatar } from '@/ui/Avatar';
import { sentence } from '@/ui/format';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import live from '../LiveTab.module.css';
import { PersonMenu } from '../PersonMenu';
import classes from './Follow.module.css';
import { OUTCOMES, TONES } from './words';

/** A long path begins folded: what was last is of more interest than what was first. */
const LATEST = 12;

interface FollowPanelProps {
  flow: Flow;
  graph: Graph;
  visit: VisitShown;
  name: string;
  chosen: string | undefined;
  onStep: (node: string) => void;
  onPoint: (node: string | null) => void;
  onVisit: (visit: number) => void;
  onStop: () => void;
  onChanged: () => void;
}

export function FollowPanel(props: FollowPanelProps) {
  const { flow, graph, visit, name, onVisit, onStop, onChanged } = props;
  const outcome = visit.outcome as VisitOutcome;
  const title = useTitleIn(graph);
  const isOpen = outcome === 'inside' || outcome === 'failed';
  return (
    <div className={live.panel}>
      <div className={classes.who}>
        <Avatar name={name} size={34} />
        <div>
          <h2>
            <Trans>Following {name}</Trans>
          </h2>
          <p>
            <Trans>
              came in <TimeAgo at={visit.entered_at} />
            </Trans>
          </p>
        </div>
        <Tooltip label={t`Stop following (Esc)`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={28}
            aria-label={t`Stop following`}
            onClick={onStop}
          >
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      {visit.visits.length > 1 && <Visits visit={visit} onVisit={onVisit} />}
      <Now visit={visit} title={title} />
      <div className={classes.tools}>
        {visit.contact && (
          <Button
            variant="default"
            renderRoot={(root) => (
              <Link {...root} to="/contacts/$id" params={{ id: String(visit.contact?.id) }} />
            )}
          >
            <Trans>Open contact</Trans>
          </Button>
        )}
        {isOpen && (
          <PersonMenu
            flow={flow}
            wide
            words={t`Do for ${name}`}
            whom={{
              choose: { visits: [visit.id] },
              count: 1,
              words: name,
              state: outcome,
              node: visit.here?.node ?? null,
            }}
            onDone={onChanged}
          />
        )}
      </div>
      {visit.version !== flow.version && (
        <p className={classes.quiet}>
          {isOpen
            ? t`${name} walks version ${visit.version}, which is drawn here.`
            : t`${name} walked version ${visit.version}, which is drawn here.`}
        </p>
      )}
      <Path {...props} title={title} />
      <Heard visit={visit} name={name} title={title} />
    </div>
  );
}

function Visits({ visit, onVisit }: Pick<FollowPanelProps, 'visit' | 'onVisit'>) {
  const { place, before, after } = beside(visit);
  const step = (to: number | null, label: string, left: boolean) => (
    <ActionIcon
      variant="default"
      size={26}
      aria-label={label}
      disabled={to === null}
      onClick={() => to !== null && onVisit(to)}
    >
      {left ? <IconChevronLeft size={15} /> : <IconChevronRight size={15} />}
    </ActionIcon>
  );
  return (
    <nav className={classes.visits} aria-label={t`Visits of this flow`}>
      {step(before, t`The visit before`, true)}
      <span>
        <Trans>
          Visit {place + 1} of {visit.visits.length}
        </Trans>
      </span>
      {step(after, t`The visit after`, false)}
    </nav>
  );
}

interface Titled {
  title: (node: string | null) => string;
}

/** Where they are, since when, and what is awaited; or how it ended. */
function Now({ visit, title }: Titled & Pick<FollowPanelProps, 'visit'>) {
  const { here, reason, error } = visit;
  const outcome = visit.outcome as VisitOutcome;
  return (
    <section
      className={classes.now}
      data-bad={outcome === 'failed' || undefined}
      aria-label={t`Now`}
    >
      <div>
        <StatusBadge tone={TONES[outcome]}>{OUTCOMES[outcome]}</StatusBadge>
      </div>
      {here ? (
        <>
          <p>
            <Trans>
              At <strong>{title(here.node)}</strong>, since <TimeAgo at={here.since} />
            </Trans>
          </p>
          {outcome === 'failed' && error && <p>{sentence(error)}</p>}
          <p>{here.next}</p>
        </>
      ) : (
        <p>
          <Trans>
            Ended <TimeAgo at={visit.left_at} />
          </Trans>
          {reason && <>: {reason}</>}
        </p>
      )}
    </section>
  );
}

function Path({ visit, chosen, onStep, onPoint, title }: FollowPanelProps & Titled) {
  const [all, setAll] = useState(false);
  const cut = all ? 0 : Math.max(0, visit.path.length - LATEST);
  const pointing = (node: string) => ({
    onMouseEnter: () => onPoint(node),
    onMouseLeave: () => onPoint(null),
    onFocus: () => onPoint(node),
    onBlur: () => onPoint(null),
  });
  return (
    <section aria-label={t`Steps`}>
      <h3>
        <Trans>Steps</Trans> <span>{visit.path.length}</span>
      </h3>
      {cut > 0 && (
        <Button variant="subtle" size="compact-xs" mt={4} onClick={() => setAll(true)}>
          <Trans>Show {cut} earlier steps</Trans>
        </Button>
      )}
      <ol className={classes.path}>
        {visit.path.slice(cut).map((step) => {
          const way = step.branch && step.branch !== 'next' ? branchLabel(step.branch) : '';
          const words = title(step.node);
          return (
            <li key={step.seq}>
              <button
                type="button"
                aria-current={chosen === step.node ? 'step' : undefined}
                onClick={() => onStep(step.node)}
                {...pointing(step.node)}
              >
                <i aria-hidden />
                <strong>{way ? `${words} → ${way}` : words}</strong>
                <TimeAgo at={step.at} />
                {step.reason && <small>{sentence(step.reason)}</small>}
              </button>
            </li>
          );
        })}
      </ol>
      {visit.next.length > 0 && (
        <>
          <h3>
            <Trans>Next</Trans>
          </h3>
          <ol className={classes.path}>
            {visit.next.map((way) => {
              const { node } = way;
              const inside = (
                <>
                  <i aria-hidden />
                  <strong>{node === null ? t`Leaves the flow` : title(node)}</strong>
                  {way.at ? <TimeAgo at={way.at} /> : <span />}
                  {(node === null || way.words !== title(node)) && (
                    <small>{sentence(way.words)}</small>
                  )}
                </>
              );
              return (
                <li key={way.branch} data-next>
                  {node === null ? (
                    <div>{inside}</div>
                  ) : (
                    <button type="button" onClick={() => onStep(node)} {...pointing(node)}>
                      {inside}
                    </button>
                  )}
                </li>
              );
            })}
          </ol>
        </>
      )}
    </section>
  );
}

/** Says a step that is taken while one watches. */
function Heard({ visit, name, title }: Titled & Pick<FollowPanelProps, 'visit' | 'name'>) {
  const known = useRef({ id: visit.id, steps: visit.path.length, outcome: visit.outcome });
  const [words, setWords] = useState('');
  useEffect(() => {
    const { id, steps, outcome } = known.current;
    known.current = { id: visit.id, steps: visit.path.length, outcome: visit.outcome };
    if (id !== visit.id) setWords('');
    else if (outcome !== visit.outcome) {
      const state = OUTCOMES[visit.outcome as VisitOutcome];
      setWords(t`${name}: ${state}`);
    } else if (steps < visit.path.length) {
      const step = title(visit.path.at(-1)?.node ?? null);
      setWords(t`${name} is now at “${step}”.`);
    }
  }, [visit, name, title]);
  return (
    <span className="sr-only" role="status">
      {words}
    </span>
  );
}
