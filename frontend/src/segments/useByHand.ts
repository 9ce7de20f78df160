/** Putting people in a segment and taking them out by hand, with the way back. */
import { plural, t } from '@lingui/core/macro';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createElement } from 'react';
import { post, url } from '@/api/client';
import { toastError } from '@/ui/toast';
import type { Segment } from './types';
import { UndoToast } from './UndoToast';

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
      const id = notifications.show({
        color: 'accent',
        autoClose: 9000,
        message: createElement(UndoToast, {
          words: words(segment, done, answer.changed),
          onUndo: done.undoing
            ? undefined
            : () => {
                notifications.hide(id);
                mutation.mutate({
                  ...done,
                  way: done.way === 'add' ? 'remove' : 'add',
                  undoing: true,
                });
              },
        }),
      });
    },
    onError: (error) => toastError(error, t`Nothing was changed`),
  });
  return mutation;
}

function words(segment: Segment, { contacts, way, who }: ByHand, changed: number): string {
  const people = who ?? plural(contacts.length, { one: '# person', other: '# people' });
  const one = contacts.length === 1;
  if (way === 'remove') return `${people} ${one ? 'is' : 'are'} out of “${segment.name}”.`;
  const before = contacts.length - changed;
  const there =
    before > 0 && !one ? ` ${plural(before, { one: '# was', other: '# were' })} in it before.` : '';
  return `${people} ${one ? 'is' : 'are'} in “${segment.name}”.${there}`;
}
