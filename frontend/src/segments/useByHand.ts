/** Putting people in a segment and taking them out by hand, with the way back. */
import { plural, t } from '@lingui/core/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post, url } from '@/api/client';
import { toast, toastError, toastUndo } from '@/ui/toast';
import type { Segment } from './types';

export interface ByHand {
  contacts: number[];
  way: 'add' | 'remove';
  /** Whom the message names; without it, it says how many. */
  who?: string;
  /** Taking something back is not to be taken back again. */
  undoing?: boolean;
}

/** The server takes so many contacts at a time. */
export const MOST_AT_ONCE = 10_000;

export function useByHand(segment: Segment) {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: ({ contacts, way }: ByHand) =>
      post<{ changed: number }>(url`/api/segments/${segment.key}/${way}/`, { contacts }),
    onSuccess: (answer, done) => {
      void client.invalidateQueries({ queryKey: ['segment', segment.key] });
      void client.invalidateQueries({ queryKey: ['segments'] });
      void client.invalidateQueries({ queryKey: ['contact'] });
      const said = words(segment, done, answer.changed);
      if (done.undoing) toast(said);
      else
        toastUndo(said, t`Undo`, async () => {
          const way = done.way === 'add' ? 'remove' : 'add';
          await mutation.mutateAsync({ ...done, way, undoing: true }).catch(() => undefined);
        });
    },
    onError: (error) => toastError(error, t`Nothing was changed`),
  });
  return mutation;
}

function words(segment: Segment, { contacts, way, who }: ByHand, changed: number): string {
  const { name } = segment;
  const many = contacts.length;
  if (way === 'remove') {
    return who
      ? t`${who} is out of “${name}”.`
      : plural(many, {
          one: `# person is out of “${name}”.`,
          other: `# people are out of “${name}”.`,
        });
  }
  const said = who
    ? t`${who} is in “${name}”.`
    : plural(many, { one: `# person is in “${name}”.`, other: `# people are in “${name}”.` });
  const before = many - changed;
  if (before === 0 || many === 1) return said;
  return `${said} ${plural(before, { one: '# was in it before.', other: '# were in it before.' })}`;
}
