/** What a person should look at, from the state of everything that runs. Pure. */
import type { FlowRow, Health } from '@/api/types';
import { plural, spanInWords } from '@/ui/format';

export interface Concern {
  id: string;
  tone: 'bad' | 'warn';
  title: string;
  text: string;
  to: string;
  params?: Record<string, string>;
  search?: Record<string, string>;
}

/** More than this many seconds behind is worth saying. */
const LAG_SECONDS = 10;

function healthConcerns(health: Health): Concern[] {
  const concerns: Concern[] = [];
  const { engine, jobs } = health;
  if (engine.workers === 0) {
    concerns.push({
      id: 'engine',
      tone: 'bad',
      title: 'The engine does not run',
      text: 'Nobody moves in any flow until it is started.',
      to: '/settings',
      search: { tab: 'jobs' },
    });
  } else if (engine.lag_seconds > LAG_SECONDS) {
    concerns.push({
      id: 'lag',
      tone: 'warn',
      title: `The engine is ${spanInWords(engine.lag_seconds)} behind`,
      text: `${plural(engine.inbox, 'message')} wait to be taken in, ${plural(engine.due, 'visit')} are due.`,
      to: '/settings',
      search: { tab: 'jobs' },
    });
  }
  if (jobs.failed > 0) {
    concerns.push({
      id: 'jobs',
      tone: 'bad',
      title: `${plural(jobs.failed, 'job')} failed`,
      text: 'Look at what went wrong.',
      to: '/settings',
      search: { tab: 'jobs' },
    });
  }
  return concerns;
}

export function concernsOf(seen: {
  health: Health | undefined;
  flows: readonly FlowRow[];
  rejected: { count: number; more: boolean };
  failedMessages: { count: number; more: boolean };
  warnedFields: number;
}): Concern[] {
  const { health, flows, rejected, failedMessages, warnedFields } = seen;
  const concerns = health ? healthConcerns(health) : [];
  for (const flow of flows) {
    if (flow.totals.failed > 0 && flow.status !== 'archived') {
      concerns.push({
        id: `flow ${flow.key}`,
        tone: 'bad',
        title: `${plural(flow.totals.failed, 'visit')} failed in “${flow.name}”`,
        text: 'The step in red says who, and why.',
        to: '/flows/$key',
        params: { key: flow.key },
        search: { tab: 'live' },
      });
    }
  }
  const some = ({ count, more }: { count: number; more: boolean }, one: string) =>
    more ? `More than ${plural(count, one)}` : plural(count, one);
  if (failedMessages.count > 0) {
    concerns.push({
      id: 'messages',
      tone: 'bad',
      title: `${some(failedMessages, 'message')} could not be sent`,
      text: 'The mail server refused them.',
      to: '/messages',
    });
  }
  if (rejected.count > 0) {
    concerns.push({
      id: 'rejected',
      tone: 'warn',
      title: `${some(rejected, 'message')} from sources set aside`,
      text: 'They could not be understood. Mend and retry, or discard them.',
      to: '/settings',
      search: { tab: 'rejected' },
    });
  }
  if (warnedFields > 0) {
    concerns.push({
      id: 'fields',
      tone: 'warn',
      title: `${plural(warnedFields, 'field')} got values of another type`,
      text: 'These values were left out.',
      to: '/settings',
      search: { tab: 'fields' },
    });
  }
  return concerns;
}
