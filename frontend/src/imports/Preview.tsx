/** The first rows as they would be read, with each fault at its cell. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Tooltip } from '@mantine/core';
import { useFields, useTopics } from '@/api/queries';
import { number, shortInstant } from '@/ui/format';
import classes from './Imports.module.css';
import { targetName, targetsOf } from './plan';
import type { Check, ColumnChoice, Import, RowRead } from './types';

interface PreviewProps {
  one: Import;
  choices: readonly ColumnChoice[];
  check: Check;
  stale: boolean;
}

const MOST_COLUMNS = 40;

function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return value ? t`yes` : t`no`;
  if (Array.isArray(value)) return value.join(' · ');
  const text = String(value);
  if (/^\d{4}-\d\d-\d\dT00:00:00\.000000Z$/.test(text)) return text.slice(0, 10);
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return shortInstant(text);
  return text;
}

/** How many of the first rows fit: "2 rows refused, 1 cell left out of the first 50 rows". */
function fitWords({ refused, left_out: leftOut, of }: Check['summary']): string {
  if (refused + leftOut === 0) return t`All of the first ${number(of)} rows fit.`;
  const faults = [
    refused > 0 && plural(refused, { one: '# row refused', other: '# rows refused' }),
    leftOut > 0 && plural(leftOut, { one: '# cell left out', other: '# cells left out' }),
  ];
  const words = faults.filter(Boolean).join(', ');
  return t`${words} of the first ${plural(of, { one: '# row', other: '# rows' })}`;
}

export function Preview({ one, choices, check, stale }: PreviewProps) {
  const { data: fields = [] } = useFields();
  const { data: topics = [] } = useTopics();
  const targets = targetsOf(fields, topics);
  const { rows, summary } = check;
  const used = (rows[0]?.cells ?? []).slice(0, MOST_COLUMNS).map((cell) => cell.column);
  const more = (rows[0]?.cells.length ?? 0) - used.length;
  if (rows.length === 0) return null;
  return (
    <section
      className={classes.preview}
      aria-labelledby="first-rows"
      data-stale={stale || undefined}
    >
      <h2 id="first-rows">
        <Trans>
          As it will be read
          <small>
            {fitWords(summary)}
            {more > 0 &&
              t` · ${plural(more, { one: '# further column', other: '# further columns' })} not shown`}
          </small>
        </Trans>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <div className={classes.scroll} tabIndex={0} role="group" aria-label={t`The first rows`}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col" className={classes.line}>
                <Trans>Line</Trans>
              </th>
              {used.map((column) => (
                <th key={column} scope="col">
                  {targetName(choices[column]?.target ?? null, targets)}
                  <small>{one.columns[column]?.name}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <PreviewRow key={row.line} row={row} one={one} used={used} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function PreviewRow({ row, one, used }: { row: RowRead; one: Import; used: number[] }) {
  const raw = one.sample.find((each) => each.line === row.line)?.cells ?? [];
  if (row.refusal) {
    return (
      <tr className={classes.refused}>
        <td className={classes.line}>{row.line}</td>
        <td colSpan={Math.max(1, used.length)}>
          <strong>
            <Trans>Refused.</Trans>
          </strong>{' '}
          {row.refusal}
        </td>
      </tr>
    );
  }
  return (
    <tr>
      <td className={classes.line}>{row.line}</td>
      {row.cells.slice(0, used.length).map((cell) => (
        <td key={cell.column} data-fault={cell.fault ? true : undefined}>
          {cell.fault ? (
            <Tooltip label={t`Left out: ${cell.fault}`} multiline maw={300} withArrow>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the tooltip is there for the keyboard too */}
              <span tabIndex={0}>
                {raw[cell.column]}
                <span className="sr-only">
                  <Trans> – left out: {cell.fault}</Trans>
                </span>
              </span>
            </Tooltip>
          ) : (
            shown(cell.value)
          )}
        </td>
      ))}
    </tr>
  );
}
