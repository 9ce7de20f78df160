/** The workspace: its name, its zone, and what stands in the foot of every e-mail. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Group, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, patch } from '@/api/client';
import { useWorkspace } from '@/api/queries';
import type { Workspace } from '@/api/types';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton, useRefusal } from '@/ui/GuardedButton';
import { toast, toastError } from '@/ui/toast';
import { SectionHead } from './SectionHead';

const zones = (present: string): string[] => [
  ...new Set([present, 'UTC', ...Intl.supportedValuesOf('timeZone')]),
];

const PERSONS: { value: NonNullable<Workspace['dedupe_key']>; label: string }[] = [
  { value: 'email', label: t`an e-mail address, in capitals or not` },
  { value: 'external_id', label: t`an external id, such as the CRM’s` },
];

/** What this form is about; the rest of the workspace is set elsewhere. */
const ownOf = ({ name, timezone, dedupe_key, from_email, postal_address }: Workspace) => ({
  name,
  timezone,
  dedupe_key,
  from_email,
  postal_address,
});

export function WorkspaceSection() {
  const { data, error } = useWorkspace();
  if (error) return <EmptyState compact title={t`This cannot be shown`} text={error.message} />;
  return data ? <WorkspaceForm workspace={data} /> : null;
}

function WorkspaceForm({ workspace }: { workspace: Workspace }) {
  const [draft, setDraft] = useState(workspace);
  const client = useQueryClient();
  const readOnly = useRefusal(true) !== null;
  const changed = JSON.stringify(draft) !== JSON.stringify(workspace);
  const set = (part: Partial<Workspace>) => setDraft((before) => ({ ...before, ...part }));
  const save = useMutation({
    mutationFn: () => patch<Workspace>('/api/workspace/', ownOf(draft)),
    onSuccess: (answer) => {
      client.setQueryData(['workspace'], answer);
      setDraft(answer);
      void client.invalidateQueries({ queryKey: ['me'] });
      toast(t`Saved.`);
    },
    onError: (error) => {
      if (!(error instanceof ApiError && error.errors.some((each) => each.attr))) {
        toastError(error);
      }
    },
  });
  const refused = save.error instanceof ApiError ? save.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed) save.mutate();
  };
  return (
    <>
      <SectionHead>
        <Trans>Calendar spans in rules (“this week”) and clock times follow the zone.</Trans>
      </SectionHead>
      <form onSubmit={submit}>
        <Stack gap={16} maw={460}>
          <TextInput
            label={t`Name`}
            readOnly={readOnly}
            maxLength={200}
            value={draft.name}
            error={refused?.at('name')}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Select
            label={t`Time zone`}
            searchable
            readOnly={readOnly}
            allowDeselect={false}
            data={zones(draft.timezone)}
            value={draft.timezone}
            error={refused?.at('timezone')}
            onChange={(timezone) => timezone && set({ timezone })}
          />
          <Select
            label={t`One person is`}
            description={t`Where something goes to several segments, each person gets it once.`}
            readOnly={readOnly}
            allowDeselect={false}
            data={PERSONS}
            value={draft.dedupe_key}
            error={refused?.at('dedupe_key')}
            onChange={(key) => key && set({ dedupe_key: key })}
          />
          <TextInput
            label={t`Sender of e-mails`}
            placeholder={t`Mill Shop <hello@shop.example>`}
            readOnly={readOnly}
            value={draft.from_email}
            error={refused?.at('from_email')}
            onChange={(event) => set({ from_email: event.currentTarget.value })}
          />
          <Textarea
            label={t`Postal address`}
            description={t`Many countries ask for it in every marketing e-mail. Templates name it ${'{{'} workspace.postal_address ${'}}'}.`}
            size="xs"
            autosize
            minRows={2}
            readOnly={readOnly}
            value={draft.postal_address}
            error={refused?.at('postal_address')}
            onChange={(event) => set({ postal_address: event.currentTarget.value })}
          />
          <Group>
            <GuardedButton
              admin
              type="submit"
              loading={save.isPending}
              because={changed ? null : t`Nothing has been changed.`}
            >
              <Trans>Save</Trans>
            </GuardedButton>
          </Group>
        </Stack>
      </form>
    </>
  );
}
