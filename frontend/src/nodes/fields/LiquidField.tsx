/**
 * A text into which each person's values are filled: names are offered as soon as `{{` is typed,
 * each with what somebody has there, and below stands how the text would read.
 *
 * While the list is open the arrow keys, Enter and Tab are the list's; Escape closes it.
 */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Combobox, Textarea, TextInput, useCombobox } from '@mantine/core';
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { completed, liquidPart, sampled } from '@/model/liquid';
import classes from './fields.module.css';
import { type Samples, useLiquidNames } from './liquidNames';

export interface LiquidFieldProps {
  /** Shown above; `name` names a field that has no room for a label. */
  label?: string;
  name?: string;
  description?: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
  /** Rows of a field of several lines; one line if not given. */
  rows?: number;
  error?: string;
  readOnly?: boolean;
  mono?: boolean;
}

type Typing = HTMLInputElement | HTMLTextAreaElement;

export function LiquidField(props: LiquidFieldProps) {
  const { label, name, description, placeholder, value, onChange, rows, error, readOnly } = props;
  const input = useRef<Typing>(null);
  const cursor = useRef<number | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const { found: names, samples } = useLiquidNames(typed, value.includes('{{'));
  const open = names.length > 0 && !readOnly;

  // A value put in from here would leave the cursor at the end of the text.
  useLayoutEffect(() => {
    if (cursor.current === null || input.current?.value !== value) return;
    input.current.setSelectionRange(cursor.current, cursor.current);
    cursor.current = null;
  }, [value]);

  const look = (at: Typing) => {
    const part = liquidPart(at.value, at.selectionStart ?? at.value.length);
    setTyped(part && at.selectionStart === at.selectionEnd ? part.typed : null);
    if (part) combobox.selectFirstOption();
  };
  const put = (chosen: string) => {
    const at = input.current;
    if (!at) return;
    const next = completed(value, at.selectionStart ?? value.length, chosen);
    cursor.current = next.cursor;
    setTyped(null);
    onChange(next.text);
    at.focus();
  };
  const keys = (event: KeyboardEvent<Typing>) => {
    if (!open) return;
    if (event.key === 'Escape') setTyped(null);
    else if (event.key === 'ArrowDown') combobox.selectNextOption();
    else if (event.key === 'ArrowUp') combobox.selectPreviousOption();
    else if (event.key === 'Enter' || event.key === 'Tab') combobox.clickSelectedOption();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const shared = {
    size: 'xs' as const,
    label,
    'aria-label': name,
    description,
    placeholder,
    value,
    error,
    readOnly,
    classNames: props.mono ? { input: classes.mono } : undefined,
    onKeyDown: keys,
    onSelect: (event: { currentTarget: Typing }) => look(event.currentTarget),
    onBlur: () => setTyped(null),
    'aria-autocomplete': 'list' as const,
    spellCheck: !props.mono,
  };

  return (
    <div>
      <Combobox
        store={{ ...combobox, dropdownOpened: open }}
        onOptionSubmit={put}
        shadow="md"
        position="bottom-start"
        middlewares={{ flip: true, shift: true }}
      >
        <Combobox.Target withKeyboardNavigation={false}>
          {rows ? (
            <Textarea
              {...shared}
              ref={input as React.RefObject<HTMLTextAreaElement>}
              autosize
              minRows={rows}
              maxRows={Math.max(rows, 14)}
              onChange={(event) => {
                onChange(event.currentTarget.value);
                look(event.currentTarget);
              }}
            />
          ) : (
            <TextInput
              {...shared}
              ref={input as React.RefObject<HTMLInputElement>}
              onChange={(event) => {
                onChange(event.currentTarget.value);
                look(event.currentTarget);
              }}
            />
          )}
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Options aria-label={t`Names to fill in`}>
            {names.map((each) => (
              <Combobox.Option key={each.value} value={each.value}>
                <span className={classes.option}>
                  <span>{each.label}</span>
                  <small title={each.hint}>{shortened(samples.get(each.value)) || each.hint}</small>
                </span>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {!open && <Example text={value} samples={samples} />}
    </div>
  );
}

/** Of an instant the day is enough of an example. */
const shortened = (value: string | undefined): string | undefined =>
  value && /^\d{4}-\d{2}-\d{2}T/.test(value) ? value.slice(0, 10) : value;

const LONGEST = 200;

/** How the text would read for somebody. */
function Example({ text, samples }: { text: string; samples: Samples }) {
  const said = sampled(text, (name) => samples.get(name));
  if (!said) return null;
  const shown = said.length > LONGEST ? `${said.slice(0, LONGEST)}…` : said;
  return (
    <p className={classes.example}>
      <Trans>For example: {shown}</Trans>
    </p>
  );
}
