/** What a card shows of a backtest: who came to it in the draft, and in the live version beside. */
import { useCanvas } from '@/canvas/context';
import footer from '@/live/LiveFooter.module.css';
import { number } from '@/ui/format';

export function TrialFooter({ id }: { id: string }) {
  const { trial } = useCanvas();
  if (!trial) return null;
  const counts = trial.get(id);
  const failed = counts?.draft?.failed ?? 0;
  return (
    <>
      <div className={footer.footer}>
        <span>
          <strong>{number(counts?.draft?.entered ?? 0)}</strong>came here
        </span>
        <span className={footer.right}>
          {counts?.live ? `live ${number(counts.live.entered)}` : 'not in live'}
        </span>
      </div>
      {failed > 0 && <div className={footer.failed}>{number(failed)} failed</div>}
    </>
  );
}
