/** One part of the naming convention: what it is called, what it may be, where it stands. */
import { t } from '@lingui/core/macro';
import { ActionIcon, Checkbox, Select, TagsInput, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import { DATE_FORMATS } from '@/segments/naming/convention';
import type { NamePart, NamePartKind } from '@/segments/types';
import classes from './Naming.module.css';

const KINDS: { value: NamePartKind; label: string }[] = [
  { value: 'text', label: t`Any words` },
  { value: 'choice', label: t`One of a list` },
  { value: 'date', label: t`A date` },
  { value: 'owner', label: t`Somebody here` },
];

interface NamePartRowProps {
  part: NamePart;
  place: number;
  count: number;
  readOnly: boolean;
  onChange: (part: NamePart) => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
}

export function NamePartRow(props: NamePartRowProps) {
  const { part, place, count, readOnly, onChange, onMove, onRemove } = props;
  const set = (change: Partial<NamePart>) => onChange({ ...part, ...change });
  const called = part.label || t`part ${place + 1}`;
  return (
    <li className={classes.part}>
      <TextInput
        aria-label={t`Name of part ${place + 1}`}
        placeholder={t`Campaign, region…`}
        maxLength={100}
        readOnly={readOnly}
        value={part.label}
        onChange={(event) => set({ label: event.currentTarget.value })}
      />
      <Select
        aria-label={t`What ${called} may be`}
        allowDeselect={false}
        readOnly={readOnly}
        data={KINDS}
        value={part.kind}
        onChange={(kind) => kind && set({ kind: kind as NamePartKind })}
      />
      <div className={classes.more}>
        {part.kind === 'choice' && (
          <TagsInput
            size="xs"
            aria-label={t`Choices of ${called}`}
            placeholder={part.choices.length ? undefined : t`Type one, press Enter`}
            readOnly={readOnly}
            maxTags={200}
            value={part.choices}
            onChange={(choices) => set({ choices })}
          />
        )}
        {part.kind === 'date' && (
          <Select
            aria-label={t`How ${called} is written`}
            allowDeselect={false}
            readOnly={readOnly}
            data={[...DATE_FORMATS]}
            value={part.format}
            onChange={(format) => format && set({ format })}
          />
        )}
      </div>
      <Checkbox
        size="xs"
        label={t`Needed`}
        checked={part.required}
        disabled={readOnly}
        onChange={(event) => set({ required: event.currentTarget.checked })}
      />
      {!readOnly && (
        <div className={classes.moves}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={26}
            disabled={place === 0}
            aria-label={t`Move ${called} up`}
            onClick={() => onMove(-1)}
          >
            <IconArrowUp size={15} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={26}
            disabled={place === count - 1}
            aria-label={t`Move ${called} down`}
            onClick={() => onMove(1)}
          >
            <IconArrowDown size={15} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={26}
            aria-label={t`Remove ${called}`}
            onClick={onRemove}
          >
            <IconTrash size={15} />
          </ActionIcon>
        </div>
      )}
    </li>
  );
}
