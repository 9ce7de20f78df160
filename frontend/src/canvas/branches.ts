/** How branches are named and where they leave a card. */
import { t } from '@lingui/core/macro';
import { NODE_WIDTH } from '@/model/graph';

const LABELS: Record<string, string> = {
  yes: t`Yes`,
  no: t`No`,
  else: t`Else`,
  matched: t`Happened`,
  timeout: t`Time is up`,
  passed: t`Passed already`,
  failed: t`Failed`,
  next: t`Next`,
};

export const branchLabel = (branch: string): string => LABELS[branch] ?? branch;

/** Pixels from the middle of the card to the point where a branch leaves it. */
export function handleOffset(index: number, count: number): number {
  if (count <= 1) return 0;
  const spacing = Math.min(88, (NODE_WIDTH - 28) / (count - 1));
  return (index - (count - 1) / 2) * spacing;
}
