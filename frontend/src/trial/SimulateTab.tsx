/** One person through the draft: a timeline below the canvas, a journal beside it, and play. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { post, url } from '@/api/client';
import type { Flow, Graph, JsonObject, Simulation } from '@/api/types';
import { useCanvasState } from '@/canvas/context';
import { FlowFrame } from '@/canvas/FlowFrame';
import type { TabProps } from '@/canvas/FlowPage';
import { GraphView } from '@/canvas/GraphView';
import { useFollow } from '@/canvas/sight';
import {
  type Film,
  filmOf,
  happenedBy,
  SPEEDS,
  type Standing,
  shownLength,
  standingAt,
  usualSpeed,
} from '@/model/playback';
import { type Scenario, testText } from '@/model/scenarios';
import { type Happening, timelineBody } from '@/model/trial';
import { toast } from '@/ui/toast';
import { Journal } from './Journal';
import { PersonForm } from './PersonForm';
import { ScenarioMenu } from './ScenarioMenu';
import { Timeline } from './Timeline';
import { TimelineControls } from './TimelineControls';
import timeline from './timeline.module.css';
import classes from './trial.module.css';
import { type Player, usePlayer, usePlayerKeys } from './usePlayer';
import { useScenarios } from './useScenarios';
import { WalkingDot } from './WalkingDot';
import { WaySwitch } from './WaySwitch';
import walking from './walking.module.css';

const DAY = 86_400_000;
/** So long a person is carried on where nothing else was said. */
const MOST_DAYS = 90;
const NOBODY: ReadonlySet<string> = new Set();
const nothing = () => undefined;

const nameOf = ({ who, contact, fields }: Scenario): string =>
  who === 'real'
    ? contact?.name || contact?.email || t`Somebody`
    : String(fields.first_name || fields.email || t`Somebody`);

/** What comes of a scenario: asked again a moment after each change. */
function useSimulation(flow: Flow, scenario: Scenario, graph: Graph) {
  const settings = useCanvasState((state) => state.settings);
  const [opened] = useState(() => Math.floor(Date.now() / 60_000) * 60_000);
  const start = scenario.start ? Date.parse(scenario.start) : opened;
  const range = useMemo(
    () => ({ start, end: start + (scenario.days ?? MOST_DAYS) * DAY }),
    [start, scenario.days],
  );
  const body: JsonObject = {
    draft: true,
    graph,
    settings,
    ...(scenario.who === 'real' && scenario.contact
      ? { contact_id: scenario.contact.id }
      : { contact: { fields: scenario.fields } }),
    start: new Date(range.start).toISOString(),
    end: new Date(range.end).toISOString(),
    timeline: timelineBody(scenario.happenings, flow.key, new Date(start).toISOString()),
  } as unknown as JsonObject;
  const [asked] = useDebouncedValue(JSON.stringify(body), 250);
  const query = useQuery({
    queryKey: ['simulate', flow.key, asked],
    queryFn: ({ signal: _ }) =>
      post<Simulation>(url`/api/flows/${flow.key}/simulate/`, JSON.parse(asked) as JsonObject),
    enabled: scenario.who === 'made-up' || scenario.contact !== null,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  });
  return { range, query };
}

export function SimulateTab(props: TabProps) {
  const { flow } = props;
  const graph = useCanvasState((state) => state.graph);
  const scenarios = useScenarios(flow.key, graph);
  const { chosen: scenario, change } = scenarios;
  const { happenings } = scenario;
  const { range, query } = useSimulation(flow, scenario, graph);
  const result = query.error || !ready(scenario) ? undefined : query.data;
  const film = useMemo(
    () => filmOf(result, flow.key, graph, happenings, range),
    [result, flow.key, graph, happenings, range],
  );
  const length = scenario.days ? scenario.days * DAY : shownLength(film);
  const [speed, setSpeed] = useState<string | null>(null);
  const pace = SPEEDS.find(({ value }) => value === speed) ?? usualSpeed(length);
  const player = usePlayer(film, film.start + length, pace.length / 1_000);
  usePlayerKeys(player);
  const [open, setOpen] = useState<number | null>(null);

  const set = useCallback((next: Happening[]) => change({ happenings: next }), [change]);
  const add = (after: string | undefined) => {
    const id = Math.max(-1, ...happenings.map((each) => each.id)) + 1;
    const fresh = { kind: 'event' as const, name: '', value: '', properties: {} };
    set([...happenings, { id, ...(after && { after }), ...fresh }]);
    setOpen(id);
  };
  const copy = async () => {
    if (!result) return;
    await navigator.clipboard.writeText(testText(scenario, flow.key, result, range));
    toast(t`The test is copied. It goes below “tests:” in the flow’s file.`);
  };
  return (
    <FlowFrame
      {...props}
      flush
      asideLabel={t`Try it out`}
      aside={
        <div className={classes.panel}>
          <WaySwitch {...props} />
          <ScenarioMenu
            scenarios={scenarios}
            because={
              scenario.who === 'real'
                ? t`A test has a made-up person.`
                : result
                  ? null
                  : t`There is nothing to copy yet.`
            }
            onCopy={() => void copy()}
          />
          <section className={classes.section} aria-label={t`Who`}>
            <h2>
              <Trans>Who</Trans>
            </h2>
            <PersonForm scenario={scenario} onChange={change} />
          </section>
          <Told
            film={film}
            graph={graph}
            player={player}
            until={film.start + length}
            result={result}
            error={query.error}
          />
        </div>
      }
    >
      <div className={walking.stage}>
        <Scene film={film} graph={graph} player={player} name={nameOf(scenario)} />
        <section className={timeline.bar} aria-label={t`Timeline`}>
          <TimelineControls
            player={player}
            start={film.start}
            speed={pace.value}
            onSpeed={setSpeed}
            onAdd={() => add(undefined)}
            busy={query.isFetching}
          />
          <Timeline
            film={film}
            graph={graph}
            length={length}
            player={player}
            happenings={happenings}
            open={open}
            onOpen={setOpen}
            onAdd={add}
            onChange={(id, part) =>
              set(happenings.map((each) => (each.id === id ? { ...each, ...part } : each)))
            }
            onRemove={(id) => {
              setOpen(null);
              set(happenings.filter((each) => each.id !== id));
            }}
          />
        </section>
      </div>
    </FlowFrame>
  );
}

const ready = ({ who, contact }: Scenario): boolean => who === 'made-up' || contact !== null;

interface SceneProps {
  film: Film;
  graph: Graph;
  player: Player;
  name: string;
}

/** The canvas with the person on it. It is drawn anew when they move, not as time goes by. */
function Scene({ film, graph, player, name }: SceneProps) {
  const { head } = player;
  const ended = standingAt(film, graph, head).ended;
  // biome-ignore lint/correctness/useExhaustiveDependencies: of the playhead, these alone move them
  const standing = useMemo<Standing>(
    () => standingAt(film, graph, head),
    [film, graph, head.hops, ended],
  );
  useFollow(graph, standing.node);
  const drawing = useMemo(
    () => (
      <GraphView
        graph={graph}
        marks={standing.marks}
        selected={NOBODY}
        onSelect={nothing}
        label={t`The draft as a drawing, with the person in it`}
      />
    ),
    [graph, standing.marks],
  );
  return (
    <div className={`${walking.canvas} ${standing.node ? walking.dimmed : ''}`}>
      {drawing}
      <WalkingDot
        key={standing.node ?? ''}
        standing={standing}
        hops={head.hops}
        walks={player.walking}
        name={name}
      />
    </div>
  );
}

interface ToldProps {
  film: Film;
  graph: Graph;
  player: Player;
  until: number;
  result: Simulation | undefined;
  error: Error | null;
}

function Told({ film, graph, player, until, result, error }: ToldProps) {
  const outside = result !== undefined && film.visits.length === 0;
  return (
    <section className={classes.section} aria-label={t`What comes of it`}>
      <h2>
        <Trans>What comes of it</Trans>
      </h2>
      {error && (
        <p className={classes.bad} role="alert">
          {error.message}
        </p>
      )}
      {outside && (
        <p className={classes.note}>
          <Trans>This person does not come in. Let something happen that lets them in.</Trans>
        </p>
      )}
      {film.visits.length > 1 && (
        <p className={classes.hint}>
          <Trans>
            {plural(film.visits.length, { one: '# visit', other: '# visits' })} one after another.
          </Trans>
        </p>
      )}
      {result?.notes.map((note) => (
        <p key={note} className={classes.note}>
          {note}
        </p>
      ))}
      <Journal
        film={film}
        graph={graph}
        happened={happenedBy(film, player.head)}
        until={until}
        onSeek={player.seek}
      />
      <p className={classes.hint}>
        <Trans>Nothing is stored, and nothing is sent.</Trans>
      </p>
    </section>
  );
}
