/** Beside the canvas where the address names a visit that cannot be followed here. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '@/ui/EmptyState';
import live from '../LiveTab.module.css';
import classes from './Follow.module.css';
import type { Following } from './useFollowing';

interface NotFollowedProps {
  following: Following;
  onStop: () => void;
}

export function NotFollowed({ following: { error, elsewhere }, onStop }: NotFollowedProps) {
  if (!error && !elsewhere) {
    return (
      <div className={live.panel} aria-busy>
        <Skeleton height={38} />
        <Skeleton height={96} />
        <Skeleton height={200} />
      </div>
    );
  }
  return (
    <EmptyState
      compact
      title={t`This visit cannot be followed here`}
      text={elsewhere ? t`It is a visit of the flow “${elsewhere.flow_name}”.` : error}
      action={
        <div className={classes.tools}>
          {elsewhere && (
            <Button
              variant="default"
              renderRoot={(root) => (
                <Link
                  {...root}
                  to="/flows/$key"
                  params={{ key: elsewhere.flow }}
                  search={{ tab: 'live', visit: elsewhere.id }}
                />
              )}
            >
              <Trans>Follow it there</Trans>
            </Button>
          )}
          <Button variant="default" onClick={onStop}>
            <Trans>Stop following</Trans>
          </Button>
        </div>
      }
    />
  );
}
