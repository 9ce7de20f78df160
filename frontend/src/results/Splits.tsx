/** How the branches of each split did, with what can and cannot be told. */
import { Trans } from '@lingui/react/macro';
import type { SplitResult } from '@/api/types';
import { branchLabel } from '@/canvas/branches';
import { number, sentence } from '@/ui/format';
import { StatusBadge } from '@/ui/StatusBadge';
import { Part } from './Bars';
import { share } from './figures';
import { Interval } from './Interval';
import classes from './Results.module.css';

export function Splits({ splits }: { splits: readonly SplitResult[] }) {
  return splits.map((split) => {
    const most = Math.max(...split.branches.map(({ high }) => high), 0);
    return (
      <Part key={split.node} title={split.title.replaceAll('**', '')}>
        <p className={classes.lead}>{sentence(split.words)}</p>
        <ul className={classes.branches}>
          {split.branches.map((branch) => (
            <li key={branch.branch}>
              <strong>{branchLabel(branch.branch)}</strong>
              <Interval {...branch} most={most} />
              <span className={classes.count}>
                {share(branch.share)}{' '}
                <small>
                  <Trans>
                    {number(branch.converted)} of {number(branch.entered)}
                  </Trans>
                </small>
              </span>
              {split.best === branch.branch && (
                <StatusBadge tone="accent">
                  <Trans>better</Trans>
                </StatusBadge>
              )}
            </li>
          ))}
        </ul>
      </Part>
    );
  });
}
