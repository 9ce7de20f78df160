/** An instant as a distance from now, in the viewer's zone, with the exact instant on hover. */
import { exactInstant, relative } from './format';
import { useNow } from './useNow';

export function TimeAgo({ at, empty = '–' }: { at: string | null | undefined; empty?: string }) {
  const now = useNow();
  if (!at) return <span>{empty}</span>;
  return (
    <time dateTime={at} title={exactInstant(at)}>
      {relative(at, now)}
    </time>
  );
}
