/** What became of a message, in a word, and why. */
import { t } from '@lingui/core/macro';
import { StatusBadge, type Tone } from '@/ui/StatusBadge';
import type { MessageRow, MessageState } from './types';

export const STATES: Record<MessageState, { name: string; tone: Tone; says: string }> = {
  queued: { name: t`Queued`, tone: 'quiet', says: t`It waits for delivery.` },
  sending: { name: t`Sending`, tone: 'quiet', says: t`It is on its way.` },
  sent: { name: t`Sent`, tone: 'accent', says: t`It was handed to the mail server.` },
  withheld: { name: t`Withheld`, tone: 'warn', says: t`It was not sent, and will not be.` },
  held_back: {
    name: t`Held back`,
    tone: 'warn',
    says: t`This contact had enough e-mails just then.`,
  },
  cancelled: {
    name: t`Cancelled`,
    tone: 'quiet',
    says: t`It was no longer wanted when its turn came.`,
  },
  failed: { name: t`Failed`, tone: 'bad', says: t`The mail server refused it.` },
};

/** Where no mail server is configured, nothing leaves the house. */
export const KEPT = t`It was kept here only: no mail server is configured.`;

export function MessageStatus({ message }: { message: MessageRow }) {
  const state = STATES[message.status];
  return (
    <span title={message.error || undefined}>
      <StatusBadge tone={state.tone}>{state.name}</StatusBadge>
      {message.reason && (
        <span style={{ marginLeft: 8, color: 'var(--ink-2)' }}>{message.reason}</span>
      )}
    </span>
  );
}
