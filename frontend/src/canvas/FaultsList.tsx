/** Everything that is wrong with the draft; a click goes there. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { IconAlertTriangle } from '@tabler/icons-react';
import { nodeOf } from '@/model/graph';
import { kindOf } from '@/nodes/registry';
import { sentence } from '@/ui/format';
import { useCanvas, useCanvasState } from './context';
import classes from './Inspector.module.css';

/** A list nobody reads to its end helps nobody. */
const SHOWN = 25;

export function FaultsList({ onJump }: { onJump?: () => void }) {
  const { names, types, store } = useCanvas();
  const problems = useCanvasState((state) => state.problems);
  const graph = useCanvasState((state) => state.graph);
  return (
    <ul className={classes.problems}>
      {problems.slice(0, SHOWN).map((problem) => {
        const node = problem.node ? nodeOf(graph, problem.node) : undefined;
        const where = node
          ? kindOf(node.type).words(node.config, names).title || types.get(node.type)?.title
          : t`The flow`;
        return (
          <li key={`${problem.node}${problem.code}${problem.field}${problem.detail}`}>
            <button
              type="button"
              onClick={() => {
                if (node) store.getState().reveal(node.id);
                else store.getState().select([]);
                onJump?.();
              }}
            >
              <IconAlertTriangle size={14} stroke={2} />
              <span>
                {sentence(problem.detail)}
                <small>{where}</small>
              </span>
            </button>
          </li>
        );
      })}
      {problems.length > SHOWN && (
        <li className={classes.rest}>
          <Trans>And {problems.length - SHOWN} more.</Trans>
        </li>
      )}
    </ul>
  );
}
