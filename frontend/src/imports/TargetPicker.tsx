/** Chooses what a column becomes: a field, a new one, a consent, or nothing. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Combobox, InputBase, useCombobox } from '@mantine/core';
import { IconSelector } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './Imports.module.css';
import { type Target, targetName } from './plan';

interface TargetPickerProps {
  /** The column's name, which a new field would get. */
  column: string;
  value: string | null;
  targets: readonly Target[];
  onChange: (target: string | null) => void;
  invalid: boolean;
  readOnly: boolean;
}

const OUT = 'out:';

export function TargetPicker(props: TargetPickerProps) {
  const { column, value, targets, onChange, invalid, readOnly } = props;
  const [search, setSearch] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch('');
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  const isNew = value?.startsWith('new:') ?? false;
  return (
    <Combobox
      store={combobox}
      withinPortal
      shadow="md"
      width={300}
      position="bottom-start"
      onOptionSubmit={(chosen) => {
        onChange(chosen === OUT ? null : chosen);
        combobox.closeDropdown();
        combobox.focusTarget();
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <InputBase
          component="button"
          type="button"
          pointer
          disabled={readOnly}
          error={invalid}
          className={classes.target}
          aria-label={
            isNew
              ? t`${column} becomes the new field ${targetName(value, targets)}`
              : t`${column} becomes ${targetName(value, targets)}`
          }
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          rightSection={<IconSelector size={14} aria-hidden />}
          rightSectionPointerEvents="none"
          onClick={() => combobox.toggleDropdown()}
        >
          {isNew && (
            <span className={classes.newTag}>
              <Trans>new</Trans>
            </span>
          )}
          <span data-out={value === null || undefined}>{targetName(value, targets)}</span>
        </InputBase>
      </Combobox.Target>
      <Combobox.Dropdown>
        {combobox.dropdownOpened && (
          <Choices
            column={column}
            value={value}
            targets={targets}
            search={search}
            onSearch={(text) => {
              setSearch(text);
              combobox.selectFirstOption();
            }}
          />
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
}

interface ChoicesProps extends Pick<TargetPickerProps, 'column' | 'value' | 'targets'> {
  search: string;
  onSearch: (text: string) => void;
}

function Choices({ column, value, targets, search, onSearch }: ChoicesProps) {
  const wanted = search.trim().toLowerCase();
  const fitting = targets.filter(
    (each) => each.label.toLowerCase().includes(wanted) || each.value.includes(wanted),
  );
  const groups = [...new Set(fitting.map((each) => each.group))];
  const fresh = search.trim() || column;
  const known = targets.some((each) => each.label.toLowerCase() === fresh.toLowerCase());
  return (
    <>
      <Combobox.Search
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
        placeholder={t`A field, or the name of a new one`}
        aria-label={t`What ${column} becomes`}
      />
      <Combobox.Options mah={280} className={classes.choices}>
        {!wanted && (
          <Combobox.Option value={OUT} active={value === null}>
            <span className={classes.choice}>
              <em>
                <Trans>Leave this column out</Trans>
              </em>
            </span>
          </Combobox.Option>
        )}
        {!known && (
          <Combobox.Option value={`new:${fresh}`} active={value === `new:${fresh}`}>
            <span className={classes.choice}>
              <span>
                <Trans>
                  New field <strong>{fresh}</strong>
                </Trans>
              </span>
            </span>
          </Combobox.Option>
        )}
        {groups.map((group) => (
          <Combobox.Group key={group} label={group}>
            {fitting
              .filter((each) => each.group === group)
              .map((each) => (
                <Combobox.Option key={each.value} value={each.value} active={each.value === value}>
                  <span className={classes.choice}>
                    <span>{each.label}</span>
                    <small>{each.hint}</small>
                  </span>
                </Combobox.Option>
              ))}
          </Combobox.Group>
        ))}
      </Combobox.Options>
    </>
  );
}
