/** After publishing: a toast that takes it back for 20 seconds. */
import { plural, t } from '@lingui/core/macro';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { post, url } from '@/api/client';
import type { Flow } from '@/api/types';
import { toast, toastError, toastUndo } from '@/ui/toast';

/**
 * `before` is the version that was live, null where there was none. Those who were moved by
 * publishing are moved back; who came in by a first publishing is taken out.
 */
export function useUndoPublishing(key: string, inside: 'stay' | 'move') {
  const client = useQueryClient();
  return useCallback(
    (words: string, version: number, before: number | null) => {
      const anew = () =>
        Promise.all(
          [['flow', key], ['flows'], ['flow-versions', key]].map((queryKey) =>
            client.invalidateQueries({ queryKey }),
          ),
        );
      toastUndo(words, t`Undo`, async () => {
        try {
          const now = await client.fetchQuery<Flow>({ queryKey: ['flow', key], staleTime: 0 });
          if (now.version !== version) {
            toast(t`Another version has been published since. Nothing was changed.`);
            return;
          }
          if (before === null) {
            const { ended, job } = await post<{ ended: number; job: string | null }>(
              url`/api/flows/${key}/unpublish/`,
              { version },
            );
            toast(
              job !== null
                ? t`The flow is a draft again. Whoever came in is being taken out; publish again once that is done.`
                : ended > 0
                  ? t`The flow is a draft again. ${plural(ended, { one: '# person', other: '# people' })} who had come in were taken out.`
                  : t`The flow is a draft again.`,
            );
          } else {
            await post(url`/api/flows/${key}/rollback/`, { version: before, inside });
            toast(t`Version ${before} is live again.`);
          }
          await anew();
        } catch (error) {
          toastError(error, t`Not undone`);
        }
      });
    },
    [client, inside, key],
  );
}
