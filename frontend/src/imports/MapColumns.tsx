/** What becomes of each column: its samples on the left, its field, type and format on the right. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { NativeSelect } from '@mantine/core';
import { memo, useCallback, useMemo } from 'react';
import { useTopics } from '@/api/queries';
import type { Field, FieldType } from '@/api/types';
import { number } from '@/ui/format';
import classes from './Imports.module.css';
import { FORMATS, retargeted, type Target, TYPE_WORDS, targetsOf, typeOf } from './plan';
import { TargetPicker } from './TargetPicker';
import type { Check, ColumnChoice, Import, ImportColumn, Problem } from './types';

interface MapColumnsProps {
  one: Import;
  choices: ColumnChoice[];
  onChange: (update: (before: ColumnChoice[]) => ColumnChoice[]) => void;
  fields: readonly Field[];
  problems: readonly Problem[];
  summary: Check['summary'] | undefined;
  readOnly: boolean;
}

export function MapColumns(props: MapColumnsProps) {
  const { one, choices, onChange, fields, problems, summary, readOnly } = props;
  const { data: topics = [] } = useTopics();
  const targets = useMemo(() => targetsOf(fields, topics), [fields, topics]);
  const change = useCallback(
    (choice: ColumnChoice) =>
      onChange((before) => before.map((each) => (each.column === choice.column ? choice : each))),
    [onChange],
  );
  const used = choices.filter((choice) => choice.target !== null).length;
  return (
    <section aria-label={t`Columns`} className={classes.columns}>
      <div className={classes.columnsHead} aria-hidden>
        <span>
          <Trans>Column in the file</Trans>
        </span>
        <span>
          <Trans>In it, for example</Trans>
        </span>
        <span>
          <Trans>
            Becomes <small>{t`${number(used)} of ${number(choices.length)} used`}</small>
          </Trans>
        </span>
        <span>
          <Trans>Read as</Trans>
        </span>
      </div>
      <ul className={classes.columnList}>
        {one.columns.map((column, index) => {
          const choice = choices[index];
          if (!choice) return null;
          return (
            <ColumnRow
              key={column.index}
              column={column}
              choice={choice}
              onChange={change}
              fields={fields}
              targets={targets}
              problem={problems.find((each) => each.column === column.index)?.detail}
              leftOut={summary?.columns.find((each) => each.column === column.index)?.left_out ?? 0}
              of={summary?.of ?? 0}
              readOnly={readOnly}
            />
          );
        })}
      </ul>
    </section>
  );
}

interface ColumnRowProps {
  column: ImportColumn;
  choice: ColumnChoice;
  onChange: (choice: ColumnChoice) => void;
  fields: readonly Field[];
  targets: readonly Target[];
  problem: string | undefined;
  leftOut: number;
  of: number;
  readOnly: boolean;
}

const ColumnRow = memo(function ColumnRow(props: ColumnRowProps) {
  const { column, choice, onChange, fields, targets, problem, leftOut, of, readOnly } = props;
  const type = typeOf(choice, fields);
  const isNew = choice.target?.startsWith('new:') ?? false;
  const formats = type ? FORMATS[type] : [];
  return (
    <li className={classes.column} data-out={choice.target === null || undefined}>
      <div className={classes.columnName}>
        <strong title={column.name}>{column.name}</strong>
        {column.filled < 0.99 && (
          <small>
            <Trans>{Math.floor(100 * column.filled)} % filled</Trans>
          </small>
        )}
      </div>
      <div className={classes.samples}>
        {column.samples.slice(0, 3).map((sample) => (
          <span key={sample} title={sample} className={classes.sample}>
            {sample}
          </span>
        ))}
        {column.samples.length === 0 && (
          <em>
            <Trans>empty</Trans>
          </em>
        )}
      </div>
      <div>
        <TargetPicker
          column={column.name}
          value={choice.target}
          targets={targets}
          invalid={problem !== undefined}
          readOnly={readOnly}
          onChange={(target) => onChange(retargeted(choice, target, column, fields))}
        />
        {problem && <small className={classes.problem}>{problem}</small>}
      </div>
      <div className={classes.typing}>
        {isNew && (
          <NativeSelect
            aria-label={t`Type of ${column.name}`}
            value={type ?? 'string'}
            disabled={readOnly}
            data={Object.entries(TYPE_WORDS).map(([value, label]) => ({ value, label }))}
            onChange={(event) => {
              const next = event.currentTarget.value as FieldType;
              const format = next === column.guess.type ? column.guess.format : null;
              onChange({ ...choice, type: next, format });
            }}
          />
        )}
        {!isNew && type && <span className={classes.fixed}>{TYPE_WORDS[type]}</span>}
        {formats.length > 0 && (
          <NativeSelect
            aria-label={t`How ${column.name} is written`}
            value={choice.format ?? formats[0]?.value}
            disabled={readOnly}
            data={formats}
            onChange={(event) => onChange({ ...choice, format: event.currentTarget.value })}
          />
        )}
        {leftOut > 0 && (
          <small className={classes.warning}>
            <Trans>
              {plural(leftOut, { one: '# value', other: '# values' })} of the first {number(of)}{' '}
              {leftOut === 1 ? t`does` : t`do`} not fit
            </Trans>
          </small>
        )}
        {!column.guess.sure && leftOut === 0 && choice.target === column.guess.target && (
          <small className={classes.warning}>
            {type === 'datetime' ? t`Day or month first? Look at it.` : t`A guess: look at it.`}
          </small>
        )}
      </div>
    </li>
  );
});
