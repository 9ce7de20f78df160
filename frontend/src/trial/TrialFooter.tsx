/** What a card shows of a backtest: who came to it in the draft, and in the live version beside. */
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
        <span title={here > 0 ? `${number(here)} still here at the end` : undefined}>
          <strong>{number(draft)}</strong>came here
        </span>
        <span className={footer.right}>
          {live === null ? (
            'not live'
          ) : (
            <>
              <span title="In the live version">live {number(live)}</span>
              {draft !== live && (
                <span className={classes.difference}>{differenceWords(draft, live)}</span>
              )}
            </>
          )}
        </span>
      </div>
      {failed > 0 && <div className={footer.failed}>{number(failed)} failed</div>}
    </>
  );
}
