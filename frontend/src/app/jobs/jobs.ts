/** Long work as the frame shows it: what is under way, where it belongs, what has just ended. Pure. */
import type { Job } from '@/settings/types';

export const isOpen = ({ status }: Pick<Job, 'status'>): boolean =>
  status === 'queued' || status === 'running';

/** How far all open jobs are together, 0 to 1; null where one of them cannot say. */
export function shareDone(jobs: readonly Job[]): number | null {
  const open = jobs.filter(isOpen);
  if (open.length === 0 || open.some(({ total }) => !total)) return null;
  const shares = open.map(({ done, total }) => Math.min(1, done / (total ?? 1)));
  return shares.reduce((sum, each) => sum + each, 0) / open.length;
}

/** The page of what a job works at; null for the housekeeping that has none. */
export function pageOf({ kind, detail }: Pick<Job, 'kind' | 'detail'>): string | null {
  const said = (key: string): string | null => {
    const value: unknown =
      typeof detail === 'object' && detail !== null ? Reflect.get(detail, key) : null;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  };
  const flow = said('flow');
  switch (kind) {
    case 'segment_build':
      return said('segment') && `/segments/${said('segment')}`;
    case 'contact_import':
      return said('import') && `/contacts/import/${said('import')}`;
    case 'backtest': {
      const backtest = said('backtest');
      return (
        flow && `/flows/${flow}?tab=try&way=backtest${backtest ? `&backtest=${backtest}` : ''}`
      );
    }
    case 'flow_rollout':
    case 'flow_people':
      return flow && `/flows/${flow}?tab=live`;
    case 'score_settle':
      return '/settings?tab=scoring';
    default:
      return null;
  }
}

/** Those of which somebody has seen that they were under way, and which are over now. */
export function justEnded(before: readonly Job[], now: readonly Job[]): Job[] {
  const wereOpen = new Set(before.filter(isOpen).map(({ id }) => id));
  return now.filter((job) => wereOpen.has(job.id) && !isOpen(job));
}

/** What is listed: all that is under way, then what ended within so many milliseconds. */
export function listed(jobs: readonly Job[], now: number, recently: number): Job[] {
  const lately = ({ finished_at }: Job) =>
    finished_at !== null && now - Date.parse(finished_at) < recently;
  return [...jobs.filter(isOpen), ...jobs.filter((job) => !isOpen(job) && lately(job))];
}
