/**
 * A table that stays fast with any number of rows: only the rows in view are in the page, and the
 * next page of the cursor is asked for when its end comes near.
 *
 * Rows that open something are walked with the arrow keys, Home and End; what stands in a cell and
 * can be used by itself (a link, a button, a box to tick) keeps its own clicks and keys.
 */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Loader } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import classes from './DataTable.module.css';
import { EmptyState } from './EmptyState';

export interface Column<T> {
  key: string;
  header: ReactNode;
  render: (row: T) => ReactNode;
  /** A CSS grid track: "2fr", "120px"; one equal share if not given. */
  width?: string;
  align?: 'right';
  /** How the rows stand by this column, where they can be ordered by it. */
  sort?: 'ascending' | 'descending' | 'none';
}

/** Columns of boxes and icons take no room that others would need. */
const NARROW = /^[1-4]?\dpx$/;

/** What in a cell answers clicks by itself. */
const OWN = 'a, button, input, label, select, textarea';

const own = (target: EventTarget, row: Element): boolean => {
  const found = target instanceof Element ? target.closest(OWN) : null;
  return found !== null && row.contains(found);
};

export interface DataTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string | number;
  onRowClick?: (row: T) => void;
  /** The chosen row. */
  selected?: string | number | null;
  isPending?: boolean;
  error?: Error | null;
  hasMore?: boolean;
  isFetchingMore?: boolean;
  more?: () => void;
  /** Asks once more after an error. */
  refetch?: () => unknown;
  empty?: ReactNode;
  rowHeight?: number;
}

export function DataTable<T>({
  label,
  columns,
  rows,
  rowKey,
  onRowClick,
  selected,
  isPending = false,
  error,
  hasMore = false,
  isFetchingMore = false,
  more,
  refetch,
  empty,
  rowHeight = 44,
}: DataTableProps<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasMore && !isFetchingMore && last >= rows.length - 10) more?.();
  }, [hasMore, isFetchingMore, last, rows.length, more]);

  const tracks = columns.map((column) => column.width ?? 'minmax(0, 1fr)').join(' ');
  const focusRow = (index: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    const found = () =>
      scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${to + 2}"]`) ?? null;
    const near = found();
    virtual.scrollToIndex(to);
    if (near) near.focus({ preventScroll: true });
    else requestAnimationFrame(() => requestAnimationFrame(() => found()?.focus()));
  };
  const walk = (event: KeyboardEvent, row: T, index: number) => {
    if (event.target !== event.currentTarget) return;
    const to = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      Home: 0,
      End: rows.length - 1,
      Enter: index,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (event.key === 'Enter') onRowClick?.(row);
    else focusRow(to);
  };

  if (error && rows.length === 0) {
    return (
      <EmptyState
        compact
        tone="bad"
        icon={<IconAlertTriangle size={22} />}
        title={t`This could not be loaded`}
        text={error.message}
        action={
          refetch && (
            <Button variant="default" onClick={() => void refetch()}>
              <Trans>Try again</Trans>
            </Button>
          )
        }
      />
    );
  }
  if (!isPending && rows.length === 0)
    return <>{empty ?? <EmptyState compact title={t`Nothing here`} />}</>;

  return (
    <div
      className={classes.table}
      data-wide={columns.filter(({ width }) => !NARROW.test(width ?? '')).length > 3 || undefined}
      role="table"
      aria-label={label}
      aria-busy={isPending || undefined}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
    >
      <div
        className={classes.head}
        role="row"
        style={{ gridTemplateColumns: tracks }}
        tabIndex={-1}
      >
        {columns.map((column) => (
          <span
            key={column.key}
            role="columnheader"
            aria-sort={column.sort}
            data-align={column.align}
            tabIndex={-1}
          >
            {column.header || (
              <span className="sr-only">
                <Trans>More</Trans>
              </span>
            )}
          </span>
        ))}
      </div>
      <div ref={scroller} className={classes.scroller} role="rowgroup">
        {isPending ? (
          <Skeleton columns={columns} tracks={tracks} height={rowHeight} />
        ) : (
          <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
            {items.map((item) => {
              const row = rows[item.index] as T;
              const key = rowKey(row);
              return (
                <div
                  key={key}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={selected === undefined ? undefined : selected === key}
                  className={classes.row}
                  data-clickable={onRowClick ? true : undefined}
                  tabIndex={onRowClick ? 0 : -1}
                  style={{
                    gridTemplateColumns: tracks,
                    height: rowHeight,
                    transform: `translateY(${item.start}px)`,
                  }}
                  onClick={
                    onRowClick
                      ? (event) => {
                          if (!own(event.target, event.currentTarget)) onRowClick(row);
                        }
                      : undefined
                  }
                  onKeyDown={onRowClick ? (event) => walk(event, row, item.index) : undefined}
                >
                  {columns.map((column) => (
                    <span key={column.key} role="cell" data-align={column.align}>
                      {column.render(row)}
                    </span>
                  ))}
                </div>
              );
            })}
          </div>
        )}
        {isFetchingMore && (
          <div className={classes.more}>
            <Loader size="xs" />
          </div>
        )}
      </div>
    </div>
  );
}

interface SkeletonProps {
  columns: readonly Pick<Column<never>, 'key' | 'align'>[];
  tracks: string;
  height: number;
}

function Skeleton({ columns, tracks, height }: SkeletonProps) {
  return (
    <div aria-hidden>
      {[1, 2, 3, 4, 5, 6].map((line) => (
        <div key={line} className={classes.ghost} style={{ gridTemplateColumns: tracks, height }}>
          {columns.map(({ key, align }) => (
            <span key={key} data-align={align} />
          ))}
        </div>
      ))}
    </div>
  );
}
