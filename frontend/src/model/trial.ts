/** Trying a flow out: what happens to a made-up person, and the way they take. Pure. */
import { t } from '@lingui/core/macro';
import type { Backtest, Graph, Json, JsonObject, SimulatedStep } from '@/api/types';
import { seconds } from './duration';
import { branchOf, edgeId } from './graph';
import type { Marks, NodeMark } from './overlay';

export const HAPPENING_WORDS = {
  event: t`does an event`,
  fields: t`gets a field`,
  score: t`gets points`,
  consent: t`chooses a topic`,
  mail: t`does something with an e-mail`,
  answer: t`a call is answered from now on`,
  add_to_segment: t`is put into a segment`,
  remove_from_segment: t`is taken out of a segment`,
  add_to_flow: t`is added to this flow`,
  remove_from_flow: t`is taken out of this flow`,
  unsubscribe: t`unsubscribes from everything`,
} as const;

export type HappeningKind = keyof typeof HAPPENING_WORDS;

/** What may become of an e-mail, as the server names it. */
export const MAIL_WORDS = {
  opened: t`opens it`,
  clicked: t`clicks in it`,
  replied: t`replies to it`,
  bounced: t`it bounces for good`,
  soft_bounced: t`it bounces for now`,
  complained: t`marks it as spam`,
  unsubscribed: t`unsubscribes by it`,
} as const;

/** Something that happens to the person, so long after the start. */
export interface Happening {
  id: number;
  /** A duration; undefined: at the start. */
  after?: string;
  kind: HappeningKind;
  /** The event's name, the key of field, segment or topic, the deed, the step that calls. */
  name: string;
  /** The field's value, the points, the choice, the e-mail's step, the call's answer. */
  value: Json;
  properties: Record<string, Json>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds from the start to the happening. */
export const offsetOf = ({ after }: Pick<Happening, 'after'>): number =>
  (seconds(after) ?? 0) * 1_000;

/** A time after the start, to the minute, as a duration; undefined for the start itself. */
export function durationOf(milliseconds: number): string | undefined {
  const whole = Math.round(milliseconds / MINUTE) * MINUTE;
  if (whole <= 0) return undefined;
  const days = Math.floor(whole / DAY);
  const hours = Math.floor((whole % DAY) / HOUR);
  const minutes = (whole % HOUR) / MINUTE;
  const time = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}`;
  return `P${days ? `${days}D` : ''}${time && `T${time}`}`;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What lets somebody into a flow, as the first thing to try. */
export function firstHappening(graph: Graph): Omit<Happening, 'id'> {
  const fresh = { name: '', value: '', properties: {} };
  for (const { type, config } of graph.nodes) {
    if (type === 'event') return { ...fresh, kind: 'event', name: text(config.name) };
    if (type === 'segment_entered') {
      return { ...fresh, kind: 'add_to_segment', name: text(config.segment) };
    }
    if (type === 'field_changed') {
      return { ...fresh, kind: 'fields', name: text(config.field), value: config.to ?? '' };
    }
    if (type === 'manual') return { ...fresh, kind: 'add_to_flow' };
  }
  return { ...fresh, kind: 'event' };
}

/** What a happening is for the server; null while it says nothing yet. */
export function happeningBody(
  { kind, name, value, properties }: Happening,
  flow: string,
): JsonObject | null {
  if (kind === 'add_to_flow' || kind === 'remove_from_flow') return { [kind]: flow };
  if (kind === 'unsubscribe') return { event: 'Unsubscribed' };
  if (kind === 'score') return { score: Number(value) || 0 };
  if (!name) return null;
  if (kind === 'event') {
    return { event: name, ...(Object.keys(properties).length > 0 && { properties }) };
  }
  if (kind === 'fields') return { fields: { [name]: value } };
  if (kind === 'consent') return { consents: { [name]: value || 'subscribed' } };
  if (kind === 'mail') return { mail: name, ...(value !== '' && { message_of: value }) };
  if (kind === 'answer') return { answers: { [name]: value || 'failed' } };
  return { [kind]: name };
}

/** The happenings as the server takes them; those that say nothing yet are left out. */
export function timelineBody(
  happenings: readonly Happening[],
  flow: string,
  start: string,
): JsonObject[] {
  return happenings.flatMap((each): JsonObject[] => {
    const body = happeningBody(each, flow);
    return body ? [{ at: each.after ?? start, ...body }] : [];
  });
}

/** A happening in a few words, for its pin and the journal. */
export function happeningTitle(
  { kind, name, value }: Happening,
  title: (node: string) => string,
  segment: (key: string) => string = (key) => key,
): string {
  if (kind === 'event') return name || t`Which event?`;
  if (kind === 'score') return t`${Number(value) >= 0 ? '+' : ''}${Number(value) || 0} points`;
  if (kind === 'unsubscribe') return t`Unsubscribes`;
  if (kind === 'add_to_flow') return t`Added to the flow`;
  if (kind === 'remove_from_flow') return t`Taken out of the flow`;
  if (!name) return t`Not said yet`;
  if (kind === 'fields')
    return `${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  if (kind === 'consent') return `${name}: ${value || 'subscribed'}`;
  if (kind === 'add_to_segment') return t`Put into ${segment(name)}`;
  if (kind === 'remove_from_segment') return t`Taken out of ${segment(name)}`;
  if (kind === 'answer') return `${title(name)}: ${value || 'failed'}`;
  const mail = typeof value === 'string' && value ? ` (${title(value)})` : '';
  return t`E-mail ${name.replace('_', ' ')}${mail}`;
}

/** The way that was walked up to a step of the path, for the canvas. */
export function walked(graph: Graph, path: readonly SimulatedStep[], upTo: number): Marks {
  const seen = path.slice(0, upTo + 1);
  const edges = new Set<string>();
  for (const [place, step] of seen.entries()) {
    const next = seen[place + 1];
    const edge = graph.edges.find(
      (each) =>
        each.source === step.node && branchOf(each) === step.branch && each.target === next?.node,
    );
    if (edge) edges.add(edgeId(edge));
  }
  return {
    nodes: new Map<string, NodeMark>(seen.map(({ node }) => [node, 'walked'])),
    edges,
    gone: [],
  };
}

/** Arrivals at a step in a backtest; null where the edition does not have the step. */
export interface TrialCounts {
  draft: number;
  failed: number;
  live: number | null;
  /** Who stands there at the end of the period, in the draft. */
  here: number;
  /** Who went on by each branch, in the draft. */
  out: Readonly<Record<string, number>>;
  /** The arrivals of the step to which most came. */
  most: number;
}

/** What a backtest came to at each step; a step that nobody came to is not in its result. */
export function trialCounts(
  result: NonNullable<Backtest['result']>,
  draft: Graph,
  live: Graph | null,
): ReadonlyMap<string, TrialCounts> {
  const most = Math.max(0, ...Object.values(result.draft.nodes).map(({ entered }) => entered));
  const beside = new Set(result.live ? live?.nodes.map(({ id }) => id) : []);
  return new Map(
    draft.nodes.map(({ id }) => {
      const counts = result.draft.nodes[id];
      return [
        id,
        {
          draft: counts?.entered ?? 0,
          failed: counts?.failed ?? 0,
          live: beside.has(id) ? (result.live?.nodes[id]?.entered ?? 0) : null,
          here: counts?.here ?? 0,
          out: counts?.out ?? {},
          most,
        },
      ];
    }),
  );
}

/** "+12", "−3", "no change": the draft against the live version. */
export function differenceWords(draft: number, live: number): string {
  if (draft === live) return t`no change`;
  const by = new Intl.NumberFormat('en-GB').format(Math.abs(draft - live));
  return draft > live ? `+${by}` : `−${by}`;
}

export interface EmailDay {
  day: string;
  draft: number;
  live: number | null;
}

/** The e-mails of each day that either edition sent any on, and of the days between. */
export function emailDays(result: NonNullable<Backtest['result']>): EmailDay[] {
  const draft = new Map(result.draft.emails_by_day.map(({ day, n }) => [day, n]));
  const live = result.live && new Map(result.live.emails_by_day.map(({ day, n }) => [day, n]));
  const days = [...new Set([...draft.keys(), ...(live?.keys() ?? [])])].sort();
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return [];
  const all: EmailDay[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY) {
    const day = new Date(at).toISOString().slice(0, 10);
    all.push({ day, draft: draft.get(day) ?? 0, live: live ? (live.get(day) ?? 0) : null });
  }
  return all;
}
