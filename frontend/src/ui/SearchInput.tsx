/** A search box that hands on what was typed once the person pauses. */
import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

interface SearchInputProps {
  label: string;
  value?: string;
  onSearch: (search: string) => void;
  width?: number | string;
  autoFocus?: boolean;
}

export function SearchInput({ label, value, onSearch, width = 240, autoFocus }: SearchInputProps) {
  const [typed, setTyped] = useState(value ?? '');
  const later = useDebouncedCallback(onSearch, 250);
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
            aria-label="Clear the search"
            onClick={() => {
              setTyped('');
              onSearch('');
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
