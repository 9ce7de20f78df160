/** How a visit stands, in a word. */
import { t } from '@lingui/core/macro';
import type { VisitOutcome } from '@/api/types';
import type { Tone } from '@/ui/StatusBadge';

export const OUTCOMES: Record<VisitOutcome, string> = {
  inside: t`Inside`,
  completed: t`Completed`,
  converted: t`Converted`,
  exited: t`Left`,
  failed: t`Failed`,
};

export const TONES: Record<VisitOutcome, Tone> = {
  inside: 'accent',
  converted: 'accent',
  completed: 'quiet',
  exited: 'quiet',
  failed: 'bad',
};
