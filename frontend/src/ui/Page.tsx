/**
 * A page: top bar with the path, the title, tabs and actions; the body; at choice a panel aside.
 *
 * `flush` leaves the body without padding and scrolling (the canvas fills it).
 */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import classes from './Page.module.css';
import { rememberPlace } from './recent';

export interface PageTab {
  value: string;
  label: ReactNode;
}

export interface PageProps {
  title: string;
  /** Shown instead of the title's text, a name that can be edited, say. */
  titleSlot?: ReactNode;
  crumbs?: { label: string; to: string }[];
  badge?: ReactNode;
  tabs?: PageTab[];
  tab?: string;
  onTab?: (value: string) => void;
  actions?: ReactNode;
  aside?: ReactNode;
  asideLabel?: string;
  flush?: boolean;
  children: ReactNode;
}

/** More tabs than this get a line of their own where the bar is not wide. */
const MANY_TABS = 5;

export function Page({
  title,
  titleSlot,
  crumbs = [],
  badge,
  tabs,
  tab,
  onTab,
  actions,
  aside,
  asideLabel = t`Details`,
  flush = false,
  children,
}: PageProps) {
  useEffect(() => {
    document.title = `${title} · Millrace`;
  }, [title]);
  const kind = crumbs.at(-1)?.label;
  useEffect(() => {
    if (kind) rememberPlace({ path: window.location.pathname, label: title, of: kind });
  }, [title, kind]);
  // Where not all tabs fit beside each other, the one that is shown is among those in sight.
  const strip = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the tab whose change moves the strip
  useEffect(() => {
    const shown = strip.current?.querySelector('[aria-selected="true"]');
    shown?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);

  return (
    <div className={classes.page}>
      <header className={classes.bar} data-many={(tabs?.length ?? 0) > MANY_TABS || undefined}>
        <div className={classes.where}>
          {crumbs.map((crumb) => (
            <span key={crumb.to} className={classes.crumb}>
              <Link to={crumb.to}>{crumb.label}</Link>
              <span aria-hidden>/</span>
            </span>
          ))}
          <h1 className={classes.title}>{titleSlot ?? title}</h1>
          {badge}
        </div>
        {tabs ? (
          <div
            ref={strip}
            className={classes.tabs}
            role="tablist"
            aria-label={t`Views of ${title}`}
          >
            {tabs.map(({ value, label }) => (
              <button
                key={value}
                type="button"
                role="tab"
                aria-selected={value === tab}
                className={classes.tab}
                onClick={() => onTab?.(value)}
              >
                {label}
              </button>
            ))}
          </div>
        ) : (
          <span />
        )}
        <div className={classes.actions}>
          <button
            type="button"
            className={classes.find}
            aria-label={t`Ctrl K: go to a page, flow, segment or contact`}
            onClick={() => window.dispatchEvent(new Event('millrace:command-palette'))}
          >
            <IconSearch size={13} stroke={1.8} />{' '}
            <span>
              <Trans>Ctrl K</Trans>
            </span>
          </button>
          {actions}
        </div>
      </header>
      <div className={classes.middle}>
        <main id="content" tabIndex={-1} className={flush ? classes.flush : classes.body}>
          {children}
        </main>
        {aside && (
          <aside className={classes.aside} aria-label={asideLabel}>
            {aside}
          </aside>
        )}
      </div>
    </div>
  );
}
