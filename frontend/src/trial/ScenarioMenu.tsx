/** The scenarios of a flow: choosing, naming, adding one; copying it as a test of a flow file. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Menu, Select, TextInput } from '@mantine/core';
import {
  IconCopy,
  IconDots,
  IconFileCode,
  IconPencil,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import classes from './trial.module.css';
import type { Scenarios } from './useScenarios';

interface ScenarioMenuProps {
  scenarios: Scenarios;
  /** Why it cannot be copied as a test; null: it can. */
  because: string | null;
  onCopy: () => void;
}

export function ScenarioMenu({ scenarios, because, onCopy }: ScenarioMenuProps) {
  const { all, chosen, choose, change, add, duplicate, remove, canAdd } = scenarios;
  const [name, setName] = useState<string | null>(null);
  const done = (keep: boolean) => {
    if (keep && name?.trim()) change({ name: name.trim() });
    setName(null);
  };
  return (
    <div className={classes.head}>
      {name === null ? (
        <Select
          aria-label={t`Scenario`}
          data={all.map((each) => ({ value: each.id, label: each.name }))}
          value={chosen.id}
          allowDeselect={false}
          comboboxProps={{ shadow: 'md' }}
          onChange={(next) => next && choose(next)}
        />
      ) : (
        <TextInput
          size="xs"
          aria-label={t`Name of the scenario`}
          value={name}
          maxLength={80}
          autoFocus
          onChange={(event) => setName(event.currentTarget.value)}
          onBlur={() => done(true)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') done(true);
            if (event.key === 'Escape') done(false);
          }}
        />
      )}
      <Menu position="bottom-end" shadow="md" returnFocus>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={t`More about scenarios`}>
            <IconDots size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPlus size={14} />} disabled={!canAdd} onClick={add}>
            <Trans>New scenario</Trans>
          </Menu.Item>
          <Menu.Item leftSection={<IconPencil size={14} />} onClick={() => setName(chosen.name)}>
            <Trans>Rename</Trans>
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={14} />} disabled={!canAdd} onClick={duplicate}>
            <Trans>Duplicate</Trans>
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconFileCode size={14} />}
            disabled={because !== null}
            title={because ?? t`Goes below “tests:” in the flow’s file, for “flow test”.`}
            onClick={onCopy}
          >
            <Trans>Copy as a test (YAML)</Trans>
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={14} />} color="red" onClick={remove}>
            <Trans>Delete</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
