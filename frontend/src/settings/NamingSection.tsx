/** How segments are to be named: parts in order, what stands between, what other names meet. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Radio, Stack, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, put } from '@/api/client';
import { useMe } from '@/api/queries';
import {
  exampleName,
  namingKey,
  partKey,
  useNameCheck,
  useNaming,
} from '@/segments/naming/convention';
import type { NamePart, Naming } from '@/segments/types';
import { EmptyState } from '@/ui/EmptyState';
import { sentence } from '@/ui/format';
import { GuardedButton, useRefusal } from '@/ui/GuardedButton';
import { toast, toastError } from '@/ui/toast';
import { NamePartRow } from './NamePartRow';
import classes from './Naming.module.css';
import { SectionHead } from './SectionHead';

const MOST_PARTS = 12;

export function NamingSection() {
  const { data, error } = useNaming();
  if (error) return <EmptyState compact title={t`This cannot be shown`} text={error.message} />;
  return data ? <NamingForm naming={data} /> : null;
}

const ENFORCE: { value: Naming['enforce']; label: string; says: string }[] = [
  { value: 'off', label: t`Offer it`, says: t`New segments can build their name from the parts.` },
  {
    value: 'warn',
    label: t`Warn`,
    says: t`Names that break it are marked, here and in the list, with a way to mend them.`,
  },
  {
    value: 'refuse',
    label: t`Refuse`,
    says: t`A segment is not saved under a new name that breaks it.`,
  },
];

/** New parts get their keys from what they are called; the others keep theirs. */
function keyed(draft: Naming, saved: Naming): Naming {
  const old = saved.parts.map(({ key }) => key);
  const taken = draft.parts.map(({ key }) => key).filter((key) => old.includes(key));
  const parts = draft.parts.map((part) => {
    const label = part.label.trim();
    if (old.includes(part.key)) return { ...part, label };
    const key = partKey(label, taken);
    taken.push(key);
    return { ...part, label, key };
  });
  return { ...draft, parts };
}

function NamingForm({ naming }: { naming: Naming }) {
  const [draft, setDraft] = useState(naming);
  const client = useQueryClient();
  const { data: me } = useMe();
  const readOnly = useRefusal(true) !== null;
  const changed = JSON.stringify(draft) !== JSON.stringify(naming);
  const set = (part: Partial<Naming>) => setDraft((before) => ({ ...before, ...part }));
  const save = useMutation({
    mutationFn: () => put<Naming>('/api/segments/naming/', keyed(draft, naming)),
    onSuccess: (answer) => {
      client.setQueryData(namingKey, answer);
      setDraft(answer);
      void client.invalidateQueries({ queryKey: ['segments'] });
      toast(t`Saved.`);
    },
    onError: (error) => {
      if (!(error instanceof ApiError && error.status === 400)) toastError(error);
    },
  });
  const { parts, separator } = draft;
  const setPart = (index: number, part: NamePart) => {
    set({ parts: parts.map((each, i) => (i === index ? part : each)) });
  };
  const move = (index: number, by: 1 | -1) => {
    const next = [...parts];
    const [part] = next.splice(index, 1);
    if (part) next.splice(index + by, 0, part);
    set({ parts: next });
  };
  const add = () =>
    set({
      parts: [
        ...parts,
        {
          key: partKey(
            'part',
            parts.map(({ key }) => key),
          ),
          label: '',
          kind: 'text',
          choices: [],
          required: true,
          format: 'YYYY-MM',
        },
      ],
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed && !readOnly && !why) save.mutate();
  };
  const nameless = parts.some(({ label }) => !label.trim());
  const why = nameless
    ? t`Every part needs a name.`
    : changed
      ? null
      : t`Nothing has been changed.`;
  const example = exampleName(draft, new Date(), me ? me.name || me.email : 'Ada');
  return (
    <>
      <SectionHead>
        <Trans>
          Segments stay findable when their names say the same things in the same order. Agree on
          the parts here; the editor of a segment builds names from them and checks what is typed.
        </Trans>
      </SectionHead>
      <form onSubmit={submit} className={classes.form}>
        <div className={classes.example} aria-live="polite">
          <span>
            <Trans>A name then reads</Trans>
          </span>
          <strong>{parts.length > 0 ? example : t`as anybody likes`}</strong>
        </div>
        <fieldset className={classes.parts} disabled={readOnly}>
          <legend>
            <Trans>Parts, in order</Trans>
          </legend>
          <ol>
            {parts.map((part, index) => (
              <NamePartRow
                key={part.key}
                part={part}
                place={index}
                count={parts.length}
                readOnly={readOnly}
                onChange={(next) => setPart(index, next)}
                onMove={(by) => move(index, by)}
                onRemove={() => set({ parts: parts.filter((_, i) => i !== index) })}
              />
            ))}
          </ol>
          {!readOnly && parts.length < MOST_PARTS && (
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={add}
            >
              <Trans>Add a part</Trans>
            </Button>
          )}
        </fieldset>
        <TextInput
          label={t`Between the parts`}
          description={t`With the spaces around it.`}
          w={160}
          maxLength={10}
          readOnly={readOnly}
          value={separator}
          onChange={(event) => set({ separator: event.currentTarget.value })}
        />
        <Radio.Group
          label={t`Other names`}
          value={draft.enforce}
          readOnly={readOnly}
          onChange={(enforce) => set({ enforce: enforce as Naming['enforce'] })}
        >
          <Stack gap={8} mt={6}>
            {ENFORCE.map(({ value, label, says }) => (
              <Radio
                key={value}
                size="xs"
                value={value}
                label={label}
                description={says}
                disabled={readOnly}
              />
            ))}
          </Stack>
        </Radio.Group>
        {save.error instanceof ApiError && save.error.status === 400 && (
          <p className={classes.refused} role="alert">
            {sentence(save.error.message)}
          </p>
        )}
        <Group gap={8}>
          <GuardedButton admin type="submit" loading={save.isPending} because={why}>
            <Trans>Save</Trans>
          </GuardedButton>
          {changed && (
            <Button variant="default" onClick={() => setDraft(naming)}>
              <Trans>Cancel</Trans>
            </Button>
          )}
        </Group>
      </form>
      {!changed && naming.parts.length > 0 && <TryName />}
    </>
  );
}

/** A name held against the convention as it is saved. */
function TryName() {
  const [name, setName] = useState('');
  const { data: check } = useNameCheck(name, true);
  const typed = name.trim() !== '' && check !== undefined;
  return (
    <section className={classes.tryName}>
      <TextInput
        label={t`Try a name`}
        placeholder={t`Type a name to see whether it keeps the convention`}
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <p aria-live="polite" data-bad={(typed && !check.ok) || undefined}>
        {typed && (check.ok ? t`It keeps the convention.` : check.problems.map(sentence).join(' '))}
      </p>
    </section>
  );
}
