/** Outgoing calls in words. Pure. */
import { plural, t } from '@lingui/core/macro';
import type { CallRow } from '@/api/types';
import type { Tone } from '@/ui/StatusBadge';

export const CALL_STATES: Record<CallRow['status'], { name: string; tone: Tone }> = {
  queued: { name: 'Waiting', tone: 'quiet' },
  calling: { name: 'Calling', tone: 'accent' },
  done: { name: 'Done', tone: 'accent' },
  failed: { name: 'Failed', tone: 'bad' },
  cancelled: { name: 'Cancelled', tone: 'quiet' },
};

/** What came back, in a few words: "200", "503, 3 tries", "no answer within 10 seconds". */
export function answerWords({ answer, tries, status }: CallRow): string {
  const came = answer?.code ? String(answer.code) : answer?.error;
  const parts = [
    came || (status === 'queued' && tries === 0 ? t`not tried yet` : ''),
    tries > 1 && plural(tries, { one: '# try', other: '# tries' }),
  ];
  return parts.filter(Boolean).join(', ');
}

/** A request as one would write it: "POST https://…". */
export function requestLine({ request, kind }: CallRow): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  if (kind === 'slack') return t`A message to Slack`;
  return [text(request.method) || 'POST', text(request.url)].filter(Boolean).join(' ');
}

/** A text that may be JSON, set out so that it can be read. */
export function readable(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return JSON.stringify(value, null, 2);
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}
