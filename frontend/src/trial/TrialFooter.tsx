/** What a card shows of a backtest: who came to it in the draft, and in the live version beside. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useCanvas } from '@/canvas/context';
import footer from '@/live/LiveFooter.module.css';
import { differenceWords } from '@/model/trial';
import { number } from '@/ui/format';
import classes from './trial.module.css';

export function TrialFooter({ id }: { id: string }) {
  const { trial } = useCanvas();
  const counts = trial?.get(id);
  if (!counts) return null;
  const { draft, live, here, failed } = counts;
  return (
    <>
      <div className={footer.footer}>
        <span title={here > 0 ? t`${number(here)} still here at the end` : undefined}>
          <Trans>
            <strong>{number(draft)}</strong>came here
          </Trans>
        </span>
        <span className={footer.right}>
          {live === null ? (
            t`not live`
          ) : (
            <>
              <span title={t`In the live version`}>
                <Trans>live {number(live)}</Trans>
              </span>
              {draft !== live && (
                <span className={classes.difference}>{differenceWords(draft, live)}</span>
              )}
            </>
          )}
        </span>
      </div>
      {failed > 0 && (
        <div className={footer.failed}>
          <Trans>{number(failed)} failed</Trans>
        </div>
      )}
    </>
  );
}
