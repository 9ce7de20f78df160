/** How the file is read: delimiter, encoding, whether its first row names the columns. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { NativeSelect, Switch } from '@mantine/core';
import { number } from '@/ui/format';
import classes from './Imports.module.css';
import { about, fileSize } from './plan';
import type { Delimiter, Encoding, Import } from './types';

export interface Reading {
  delimiter?: Delimiter;
  encoding?: Encoding;
  header?: boolean;
}

const DELIMITERS: { value: Delimiter; label: string }[] = [
  { value: ',', label: t`Comma ,` },
  { value: ';', label: t`Semicolon ;` },
  { value: '\t' as Delimiter, label: t`Tab` },
  { value: '|', label: t`Bar |` },
];
const ENCODINGS: { value: Encoding; label: string }[] = [
  { value: 'utf-8', label: t`UTF-8` },
  { value: 'windows-1252', label: t`Windows-1252 (Western)` },
  { value: 'iso-8859-1', label: t`ISO 8859-1 (Latin 1)` },
  { value: 'iso-8859-15', label: t`ISO 8859-15 (Latin 9)` },
  { value: 'windows-1250', label: t`Windows-1250 (Central European)` },
  { value: 'iso-8859-2', label: t`ISO 8859-2 (Latin 2)` },
  { value: 'windows-1251', label: t`Windows-1251 (Cyrillic)` },
  { value: 'mac-roman', label: t`Mac Roman` },
];

interface ReadAsProps {
  one: Import;
  busy: boolean;
  onChange: (reading: Reading) => void;
}

export function ReadAs({ one, busy, onChange }: ReadAsProps) {
  const isUtf16 = one.encoding === 'utf-16';
  return (
    <fieldset className={classes.readAs} disabled={busy}>
      <legend className="sr-only">
        <Trans>How the file is read</Trans>
      </legend>
      <span className={classes.fileFacts}>
        <Trans>
          <strong>{about(one.rows_about)} rows</strong>, {number(one.columns.length)} columns,{' '}
          {fileSize(one.size)}
        </Trans>
      </span>
      <NativeSelect
        aria-label={t`Columns are parted by`}
        value={one.delimiter}
        data={DELIMITERS}
        onChange={(event) => onChange({ delimiter: event.currentTarget.value as Delimiter })}
      />
      <NativeSelect
        aria-label={t`Encoding`}
        value={one.encoding}
        data={isUtf16 ? [{ value: 'utf-16', label: t`UTF-16` }] : ENCODINGS}
        disabled={isUtf16}
        onChange={(event) => onChange({ encoding: event.currentTarget.value as Encoding })}
      />
      <Switch
        label={t`The first row names the columns`}
        checked={one.header}
        onChange={(event) => onChange({ header: event.currentTarget.checked })}
      />
    </fieldset>
  );
}
