/** In which state a flow is, and which version of it. */
import { t } from '@lingui/core/macro';
import type { Flow } from '@/api/types';
import { StatusBadge, type Tone } from './StatusBadge';

const TONES: Record<Flow['status'], Tone> = {
  draft: 'quiet',
  live: 'accent',
  paused: 'warn',
  archived: 'quiet',
};
const WORDS: Record<Flow['status'], string> = {
  draft: t`Draft`,
  live: t`Live`,
  paused: t`Paused`,
  archived: t`Archived`,
};

export function FlowBadge({ status, version }: Pick<Flow, 'status' | 'version'>) {
  return (
    <StatusBadge tone={TONES[status]}>
      {WORDS[status]}
      {version !== null && t` · version ${version}`}
    </StatusBadge>
  );
}
