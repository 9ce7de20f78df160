/** A flow's settings as sentences; `**words**` in them are set strong. Pure. */
import { plural, t } from '@lingui/core/macro';
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
  const { from, to } = quiet;
  if (quiet.timezone === 'contact') {
    return t`E-mails that would go out between **${from} and ${to}**, on the person’s own clock, wait until **${to}**.`;
  }
  const zone = quiet.timezone.replaceAll('_', ' ');
  return t`E-mails that would go out between **${from} and ${to}**, by the clock of ${zone}, wait until **${to}**.`;
}

export function limitWords(limit: EmailLimit | null | undefined): string {
  if (!limit) return t`**As many** e-mails as the steps send.`;
  const mails = plural(limit.count, {
    one: '# marketing e-mail',
    other: '# marketing e-mails',
  });
  const span = durationWords(limit.per) ?? t`a while`;
  return t`At most **${mails} in ${span}** to one person, counted over all flows. One beyond that is held back, and the person goes on without it.`;
}

export function suppressWords(names: readonly string[]): string {
  if (names.length === 0) return t`Nobody is shut out.`;
  const strong = names.map((name) => `**${name}**`);
  const last = strong.pop() ?? '';
  const list = strong.length > 0 ? t`${strong.join(', ')} or ${last}` : last;
  return t`Whoever is in ${list} does not come in, and who is inside leaves at once.`;
}
