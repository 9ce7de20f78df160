/** A flow's settings as sentences; `**words**` in them are set strong. Pure. */
import { t } from '@lingui/core/macro';
import type { EmailLimit, FlowSettings, QuietHours } from '@/api/types';
import { durationWords } from './duration';

type Reentry = NonNullable<FlowSettings['reentry']>;

export function reentryWords(reentry: Reentry | undefined): string {
  if (reentry?.type !== 'after_exit') return t`Each person comes in **once**.`;
  const gap = durationWords(reentry.gap);
  return gap
    ? t`The same person may come again **${gap} after** leaving.`
    : t`The same person may come again **after leaving**.`;
}

export function quietWords(quiet: QuietHours | null | undefined): string {
  if (!quiet) return t`E-mails go out **at any hour**.`;
  const clock =
    quiet.timezone === 'contact'
      ? 'on the person’s own clock'
      : `by the clock of ${quiet.timezone.replaceAll('_', ' ')}`;
  return t`E-mails that would go out between **${quiet.from} and ${quiet.to}**, ${clock}, wait until **${quiet.to}**.`;
}

export function limitWords(limit: EmailLimit | null | undefined): string {
  if (!limit) return t`**As many** e-mails as the steps send.`;
  const mails = limit.count === 1 ? t`1 marketing e-mail` : `${limit.count} marketing e-mails`;
  const span = durationWords(limit.per) ?? 'a while';
  return t`At most **${mails} in ${span}** to one person, counted over all flows. One beyond that is held back, and the person goes on without it.`;
}

export function suppressWords(names: readonly string[]): string {
  if (names.length === 0) return t`Nobody is shut out.`;
  const list =
    names.length === 1
      ? `**${names[0]}**`
      : `${names
          .slice(0, -1)
          .map((name) => `**${name}**`)
          .join(', ')} or **${names.at(-1)}**`;
  return t`Whoever is in ${list} does not come in, and who is inside leaves at once.`;
}
