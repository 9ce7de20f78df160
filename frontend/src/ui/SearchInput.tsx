/**
 * A search box that hands on what was typed once the person pauses. Where `value` is changed by
 * something else meanwhile (a filter taken back), the box follows.
 */
import { t } from '@lingui/core/macro';
import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';

interface SearchInputProps {
  label: string;
  value?: string;
  onSearch: (search: string) => void;
  width?: number | string;
  autoFocus?: boolean;
}

export function SearchInput({ label, value, onSearch, width = 240, autoFocus }: SearchInputProps) {
  const [typed, setTyped] = useState(value ?? '');
  const handedOn = useRef(value ?? '');
  const handOn = (search: string) => {
    handedOn.current = search;
    onSearch(search);
  };
  const later = useDebouncedCallback(handOn, 250);
  useEffect(() => {
    if ((value ?? '') === handedOn.current) return;
    handedOn.current = value ?? '';
    setTyped(value ?? '');
  }, [value]);
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      type="search"
      w={width}
      maw="100%"
      data-autofocus={autoFocus || undefined}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={
        typed ? (
          <CloseButton
            size="xs"
            aria-label={t`Clear the search`}
            onClick={() => {
              setTyped('');
              handOn('');
            }}
          />
        ) : null
      }
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        later(event.currentTarget.value.trim());
      }}
    />
  );
}
