/** An instant, chosen in the viewer's own zone and handed on in UTC; the exact instant on hover. */
import { t } from '@lingui/core/macro';
import { CloseButton, TextInput } from '@mantine/core';
import { useState } from 'react';
import { exactWords, instantOf } from '@/model/ruleWords';

/** The viewer's zone as people know it: "Europe/Berlin". */
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll('_', ' ');

const two = (n: number): string => String(n).padStart(2, '0');

/** `2026-05-01T11:00` on the viewer's clock, as the browser's input wants it. */
function localText(value: string | undefined): string {
  const at = instantOf(value);
  if (!at) return '';
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

interface InstantInputProps {
  label: string;
  value: string | undefined;
  /** Undefined: it was cleared. */
  onChange: (iso: string | undefined) => void;
  clearable?: boolean;
  autoFocus?: boolean;
  error?: string;
  readOnly?: boolean;
}

export function InstantInput(props: InstantInputProps) {
  const { label, value, onChange, clearable = false, autoFocus, error, readOnly } = props;
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextInput
      type="datetime-local"
      size="xs"
      label={label}
      description={value ? exactWords(value) : t`Your time: ${zone()}`}
      title={value ? exactWords(value) : undefined}
      error={error}
      readOnly={readOnly}
      data-autofocus={autoFocus || undefined}
      value={typed ?? localText(value)}
      onChange={(event) => {
        const text = event.currentTarget.value;
        const at = new Date(text);
        setTyped(text);
        if (text && !Number.isNaN(at.getTime())) {
          onChange(at.toISOString().replace('.000Z', 'Z'));
        }
      }}
      onBlur={() => setTyped(null)}
      rightSectionPointerEvents="all"
      rightSection={
        clearable &&
        value && (
          <CloseButton
            size="xs"
            aria-label={t`Without “${label}”`}
            onClick={() => {
              setTyped(null);
              onChange(undefined);
            }}
          />
        )
      }
    />
  );
}
