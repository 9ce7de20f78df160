/** The column of a table with the boxes that choose its rows. */
import { t } from '@lingui/core/macro';
import { Checkbox } from '@mantine/core';
import type { Column } from './DataTable';
import type { Chosen } from './useChosen';

export function chosenColumn<T>(
  chosen: Chosen<T>,
  idOf: (row: T) => number,
  nameOf: (row: T) => string,
): Column<T> {
  return {
    key: 'box',
    header: (
      <Checkbox
        size="xs"
        aria-label={t`Choose all that are shown`}
        checked={chosen.all}
        indeterminate={chosen.rows.length > 0 && !chosen.all}
        onChange={(event) => chosen.setAll(event.currentTarget.checked)}
      />
    ),
    width: '20px',
    render: (row) => (
      <Checkbox
        size="xs"
        aria-label={t`Choose ${nameOf(row)}`}
        checked={chosen.has(idOf(row))}
        onChange={() => chosen.toggle(idOf(row))}
      />
    ),
  };
}
