/** What a card shows of a backtest: who came to it in the draft, and in the live version beside. */
import { useCanvas } from '@/canvas/context';
import footer from '@/live/LiveFooter.module.css';
import { number } from '@/ui/format';

export function TrialFooter({ id }: { id: string }) {
  const { trial } = useCanvas();
  if (!trial) return null;
  const counts = trial.get(id);
  if (!counts) return null;
  return (
    <>
      <div className={footer.footer}>
        <span>
          <strong>{number(counts.draft)}</strong>came here
        </span>
        <span className={footer.right}>
          {counts.live === null ? 'not live' : `live ${number(counts.live)}`}
        </span>
      </div>
      {counts.failed > 0 && <div className={footer.failed}>{number(counts.failed)} failed</div>}
    </>
  );
}
