/** Pausing and resuming a flow: what it will mean before it happens, what came of it after. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import type { Flow } from '@/api/types';
import { useCanvas, useLive } from '@/canvas/context';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { spanInWords } from '@/ui/format';
import { toast, toastError } from '@/ui/toast';
import { useDialogInAddress } from '@/ui/useDialogInAddress';
import { useNow } from '@/ui/useNow';
import classes from './Pause.module.css';

export function PauseButton({ flow }: { flow: Flow }) {
  const client = useQueryClient();
  const { live } = useCanvas();
  const canEdit = useCanEdit();
  const [asked, ask, close] = useDialogInAddress('pause');
  const paused = flow.status === 'paused';
  const toggle = useMutation({
    mutationFn: async () => {
      const { held, totals } = live.getState().counts;
      if (paused) {
        const { job } = await post<{ job: string | null }>(url`/api/flows/${flow.key}/resume/`);
        return resumedWords(held, job !== null);
      }
      await post<Flow>(url`/api/flows/${flow.key}/pause/`);
      return pausedWords(totals.inside);
    },
    onSuccess: (words) => {
      toast(words);
      close();
    },
    onError: (error) => toastError(error, t`Nothing was changed`),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['flow', flow.key] });
      void client.invalidateQueries({ queryKey: ['flows'] });
    },
  });
  if (!canEdit || (flow.status !== 'live' && !paused)) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
        onClick={ask}
      >
        {paused ? t`Resume` : t`Pause`}
      </Button>
      <ConfirmDialog
        opened={asked}
        title={paused ? t`Resume “${flow.name}”?` : t`Pause “${flow.name}”?`}
        confirm={paused ? t`Resume` : t`Pause`}
        busy={toggle.isPending}
        onClose={close}
        onConfirm={() => toggle.mutate()}
      >
        {paused ? <ResumeMeans /> : <PauseMeans />}
      </ConfirmDialog>
    </>
  );
}

const pausedWords = (inside: number): string =>
  inside === 0
    ? t`The flow is paused. Nobody is inside.`
    : plural(inside, {
        one: 'The flow is paused. # person stays in place.',
        other: 'The flow is paused. # people stay in place.',
      });

const resumedWords = (held: number, bitByBit: boolean): string => {
  if (held === 0) return t`The flow runs again.`;
  return bitByBit
    ? plural(held, {
        one: 'The flow runs again. # person who fell due meanwhile goes on within the next minutes.',
        other:
          'The flow runs again. # people who fell due meanwhile go on within the next minutes.',
      })
    : plural(held, {
        one: 'The flow runs again. # person who fell due meanwhile goes on now.',
        other: 'The flow runs again. # people who fell due meanwhile go on now.',
      });
};

/** The first instant at which anybody would go on. */
function useNextDue(): number | null {
  return useLive((state) => {
    const dues = Object.values(state.counts.nodes)
      .filter(({ here }) => here > 0)
      .flatMap(({ next_due }) => (next_due ? [Date.parse(next_due)] : []));
    return dues.length > 0 ? Math.min(...dues) : null;
  });
}

function PauseMeans() {
  const inside = useLive((state) => state.counts.totals.inside);
  const rate = useLive((state) => state.counts.rate ?? 0);
  const due = useNextDue();
  const now = useNow();
  const seconds = due === null ? null : Math.round((due - now) / 1000);
  return (
    <ul className={classes.means}>
      <li>
        {rate > 0
          ? plural(rate, {
              one: 'Nobody comes in any more; in the last minute # person did. What happens meanwhile lets nobody in later either.',
              other:
                'Nobody comes in any more; in the last minute # people did. What happens meanwhile lets nobody in later either.',
            })
          : t`Nobody comes in. What happens meanwhile lets nobody in later either.`}
      </li>
      <li>
        {inside === 0
          ? t`Nobody is inside now.`
          : plural(inside, {
              one: '# person inside stays in place.',
              other: '# people inside stay in place.',
            })}{' '}
        {seconds !== null &&
          (seconds > 0
            ? t`The next would have gone on in ${spanInWords(seconds)}.`
            : t`The next would have gone on now.`)}
      </li>
      <li>
        <Trans>Waits run on: whoever falls due meanwhile goes on as soon as you resume.</Trans>
      </li>
      <li>
        <Trans>Whoever reaches the goal or a way out still leaves.</Trans>
      </li>
      <li>
        <Trans>E-mails that wait to be sent are still sent.</Trans>
      </li>
    </ul>
  );
}

function ResumeMeans() {
  const held = useLive((state) => state.counts.held);
  const inside = useLive((state) => state.counts.totals.inside);
  return (
    <ul className={classes.means}>
      <li>
        {held === 0
          ? t`Nobody has fallen due meanwhile.`
          : plural(held, {
              one: '# person who fell due meanwhile goes on at once.',
              other: '# people who fell due meanwhile go on at once.',
            })}
      </li>
      {inside > held && (
        <li>
          {plural(inside - held, {
            one: '# person waits on as before.',
            other: '# people wait on as before.',
          })}
        </li>
      )}
      <li>
        <Trans>People come in again from now on.</Trans>
      </li>
    </ul>
  );
}
