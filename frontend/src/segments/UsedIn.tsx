/** Where a segment is used, in a line: the first place by its name, the others on demand. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Menu } from '@mantine/core';
import { IconFlame, IconRoute, IconTarget } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import classes from './Segments.module.css';
import type { Use } from './types';

const ICONS = { flow: IconRoute, segment: IconTarget, score: IconFlame };
const WORDS: Record<Use['kind'], string> = {
  flow: t`Flow`,
  segment: t`Segment`,
  score: t`Score rule`,
};

export function UseIcon({ kind, size = 14 }: { kind: Use['kind']; size?: number }) {
  const Icon = ICONS[kind];
  return <Icon size={size} stroke={1.7} aria-hidden />;
}

/** A link to where a segment is used. */
export function UseLink({
  use,
  className,
  children,
}: {
  use: Use;
  className?: string;
  children: ReactNode;
}) {
  const shared = { className, title: `${WORDS[use.kind]} “${use.name}”: ${use.how}` };
  if (use.kind === 'score') {
    return (
      <Link to="/settings" search={{ tab: 'scoring', rule: use.key }} {...shared}>
        {children}
      </Link>
    );
  }
  return (
    <Link
      to={use.kind === 'flow' ? '/flows/$key' : '/segments/$key'}
      params={{ key: use.key }}
      {...shared}
    >
      {children}
    </Link>
  );
}

export function UsedIn({ uses }: { uses: readonly Use[] }) {
  const [first, ...others] = uses;
  if (!first)
    return (
      <span className={classes.quiet}>
        <Trans>not used</Trans>
      </span>
    );
  return (
    <span className={classes.usedIn}>
      <UseLink use={first} className={classes.use}>
        <UseIcon kind={first.kind} />
        <span>{first.name}</span>
      </UseLink>
      {others.length > 0 && (
        <Menu position="bottom-end" width={280} shadow="md">
          <Menu.Target>
            <button
              type="button"
              className={classes.more}
              aria-label={t`Used in ${others.length} more`}
            >
              +{others.length}
            </button>
          </Menu.Target>
          <Menu.Dropdown mah={320} style={{ overflow: 'auto' }}>
            {uses.map((use) => (
              <Menu.Item
                key={`${use.kind}-${use.key}-${use.how}`}
                leftSection={<UseIcon kind={use.kind} size={16} />}
                renderRoot={(props) => (
                  <UseLink use={use} {...props}>
                    {props.children}
                  </UseLink>
                )}
              >
                {use.name}
                <small className={classes.how}>{use.how}</small>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </span>
  );
}
