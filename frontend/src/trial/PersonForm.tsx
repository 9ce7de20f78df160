/** Who is tried: somebody made up, or a contact; and from when on. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { ContactPicker } from '@/contacts/ContactPicker';
import { PersonCell } from '@/contacts/PersonCell';
import type { Scenario } from '@/model/scenarios';
import { RowsField } from '@/nodes/fields/RowsField';
import classes from './trial.module.css';

const SPANS = [
  { value: '0', label: t`to the end` },
  { value: '1', label: t`for a day` },
  { value: '7', label: t`for 7 days` },
  { value: '30', label: t`for 30 days` },
  { value: '90', label: t`for 90 days` },
  { value: '365', label: t`for a year` },
];

interface PersonFormProps {
  scenario: Scenario;
  onChange: (part: Partial<Scenario>) => void;
}

export function PersonForm({ scenario, onChange }: PersonFormProps) {
  const { who, fields, contact, start, days } = scenario;
  return (
    <>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={t`Who`}
        value={who}
        data={[
          { value: 'made-up', label: t`Somebody made up` },
          { value: 'real', label: t`A contact` },
        ]}
        onChange={(next) => onChange({ who: next === 'real' ? 'real' : 'made-up' })}
      />
      {who === 'made-up' && (
        <RowsField
          key={scenario.id}
          label={t`Fields`}
          values={fields}
          onChange={(next) => onChange({ fields: next })}
          nameLabel={t`Field`}
          add={t`Field`}
        />
      )}
      {who === 'real' &&
        (contact ? (
          <div className={classes.who}>
            <PersonCell contact={contact} />
            <Button
              variant="subtle"
              size="compact-xs"
              leftSection={<IconX size={12} />}
              onClick={() => onChange({ contact: null })}
            >
              <Trans>Another</Trans>
            </Button>
          </div>
        ) : (
          <ContactPicker onPick={(next) => onChange({ contact: next })} />
        ))}
      <div className={classes.two}>
        <TextInput
          type="datetime-local"
          label={start ? t`Begins` : t`Begins (empty: now)`}
          size="xs"
          value={start ? localText(start) : ''}
          onChange={(event) => onChange({ start: instantOf(event.currentTarget.value) })}
        />
        <Select
          label={t`Watched`}
          size="xs"
          data={SPANS}
          value={String(days ?? 0)}
          allowDeselect={false}
          comboboxProps={{ shadow: 'md', width: 210, position: 'bottom-end' }}
          onChange={(next) => onChange({ days: Number(next) || null })}
        />
      </div>
    </>
  );
}

/** An instant as the input shows it: in the viewer's zone. */
function localText(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function instantOf(text: string): string | null {
  const at = text ? new Date(text) : null;
  return at && !Number.isNaN(at.getTime()) ? at.toISOString() : null;
}
