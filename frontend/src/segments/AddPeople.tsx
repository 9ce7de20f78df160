/** Adds people by hand: picked one by one, or a pasted list of e-mails and ids. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal, Pill, SegmentedControl, Textarea } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '@/api/client';
import type { ContactRef } from '@/api/types';
import { ContactPicker } from '@/contacts/ContactPicker';
import { contactName } from '@/ui/contact';
import { number } from '@/ui/format';
import classes from './AddPeople.module.css';
import { MOST_PASTED, pastedValues } from './pasted';
import type { Segment } from './types';
import { useByHand } from './useByHand';

const ADDED: Record<Segment['kind'], string> = {
  static: t`They stay until somebody takes them out.`,
  growing: t`They stay until somebody takes them out.`,
  dynamic: t`They are held in: the rule does not take them out.`,
};

interface AddPeopleProps {
  segment: Segment;
  onClose: () => void;
}

interface LookedUp {
  contacts: number[];
  missing: string[];
}

export function AddPeople({ segment, onClose }: AddPeopleProps) {
  const [way, setWay] = useState('pick');
  const byHand = useByHand(segment);
  const add = (contacts: number[], who?: string) =>
    byHand.mutate({ contacts, way: 'add', who }, { onSuccess: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      size={520}
      title={
        <strong>
          <Trans>Add people by hand</Trans>
        </strong>
      }
    >
      <p className={classes.text}>{ADDED[segment.kind]}</p>
      <SegmentedControl
        size="xs"
        fullWidth
        mb={14}
        value={way}
        onChange={setWay}
        data={[
          { value: 'pick', label: t`Pick them` },
          { value: 'paste', label: t`Paste a list` },
        ]}
      />
      {way === 'pick' ? (
        <Pick busy={byHand.isPending} onAdd={add} onClose={onClose} />
      ) : (
        <Paste busy={byHand.isPending} onAdd={add} onClose={onClose} />
      )}
    </Modal>
  );
}

interface WayProps {
  busy: boolean;
  onAdd: (contacts: number[], who?: string) => void;
  onClose: () => void;
}

function Pick({ busy, onAdd, onClose }: WayProps) {
  const [chosen, setChosen] = useState<ContactRef[]>([]);
  const isChosen = (contact: ContactRef) => chosen.some(({ id }) => id === contact.id);
  const toggle = (contact: ContactRef) =>
    setChosen((before) =>
      before.some(({ id }) => id === contact.id)
        ? before.filter(({ id }) => id !== contact.id)
        : [...before, contact],
    );
  const only = chosen.length === 1 ? chosen[0] : undefined;
  return (
    <>
      {chosen.length > 0 && (
        <Pill.Group mb={10}>
          {chosen.map((contact) => (
            <Pill
              key={contact.id}
              withRemoveButton
              removeButtonProps={{ 'aria-label': t`Not ${contactName(contact)}`, tabIndex: 0 }}
              onRemove={() => toggle(contact)}
            >
              {contactName(contact)}
            </Pill>
          ))}
        </Pill.Group>
      )}
      <ContactPicker
        onPick={toggle}
        action={(contact) =>
          isChosen(contact) && (
            <IconCheck size={16} className={classes.check} aria-label={t`chosen`} />
          )
        }
      />
      <Foot
        busy={busy}
        count={chosen.length}
        onClose={onClose}
        onAdd={() =>
          onAdd(
            chosen.map(({ id }) => id),
            only && contactName(only),
          )
        }
      />
    </>
  );
}

function Paste({ busy, onAdd, onClose }: WayProps) {
  const [text, setText] = useState('');
  const values = pastedValues(text);
  const tooMany = values.length > MOST_PASTED;
  const lookup = useMutation({
    mutationFn: () => post<LookedUp>('/api/contacts/lookup/', { values }),
  });
  const found = lookup.data;
  return (
    <>
      <Textarea
        label={t`E-mails, external ids or ids`}
        description={t`One in a line, or with commas between. Copy a column of a sheet.`}
        placeholder={t`ada@example.org\nshop-1024`}
        size="xs"
        autosize
        minRows={7}
        maxRows={14}
        spellCheck={false}
        data-autofocus
        value={text}
        error={
          tooMany
            ? t`At most ${number(MOST_PASTED)} at a time: import a CSV for more.`
            : lookup.error?.message
        }
        onChange={(event) => {
          setText(event.currentTarget.value);
          lookup.reset();
        }}
      />
      <div className={classes.found} aria-live="polite">
        {found ? (
          <Found found={found} />
        ) : (
          values.length > 0 && (
            <p>
              <Trans>
                {plural(values.length, { one: '# entry', other: '# entries' })} to look up.
              </Trans>
            </p>
          )
        )}
      </div>
      {found && found.contacts.length > 0 ? (
        <Foot
          busy={busy}
          count={found.contacts.length}
          onClose={onClose}
          onAdd={() => onAdd(found.contacts)}
        />
      ) : (
        <Group justify="flex-end" mt="md" gap={8}>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            loading={lookup.isPending}
            disabled={values.length === 0 || tooMany}
            onClick={() => lookup.mutate()}
          >
            <Trans>Look them up</Trans>
          </Button>
        </Group>
      )}
    </>
  );
}

/** So many of those who were not found are named. */
const NAMED = 8;

function Found({ found: { contacts, missing } }: { found: LookedUp }) {
  return (
    <>
      <p>
        <Trans>
          <strong>{plural(contacts.length, { one: '# person', other: '# people' })}</strong> found
          {missing.length === 0 ? t`: every entry.` : t`, ${number(missing.length)} not:`}
        </Trans>
      </p>
      {missing.length > 0 && (
        <ul className={classes.missing}>
          {missing.slice(0, NAMED).map((value) => (
            <li key={value}>{value}</li>
          ))}
          {missing.length > NAMED && (
            <li>
              <Trans>and {number(missing.length - NAMED)} more</Trans>
            </li>
          )}
        </ul>
      )}
      {missing.length > 0 && (
        <p>
          <Trans>Nobody goes by these. Mend them above, or go on without them.</Trans>
        </p>
      )}
    </>
  );
}

function Foot({
  busy,
  count,
  onAdd,
  onClose,
}: {
  busy: boolean;
  count: number;
  onAdd: () => void;
  onClose: () => void;
}) {
  return (
    <Group justify="flex-end" mt="md" gap={8}>
      <Button variant="default" onClick={onClose}>
        <Trans>Cancel</Trans>
      </Button>
      <Button loading={busy} disabled={count === 0} onClick={onAdd}>
        {count === 0 ? t`Add` : t`Add ${plural(count, { one: '# person', other: '# people' })}`}
      </Button>
    </Group>
  );
}
