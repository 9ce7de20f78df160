/** What can be done with a flow as a whole, beyond drawing, publishing and pausing it. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Menu } from '@mantine/core';
import { IconArchive, IconDots } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import type { Flow } from '@/api/types';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { toast, toastError } from '@/ui/toast';
import { useLive } from './context';

export function FlowMenu({ flow }: { flow: Flow }) {
  const client = useQueryClient();
  const canEdit = useCanEdit();
  const inside = useLive((state) => state.counts.totals.inside);
  const [asked, setAsked] = useState(false);
  const archive = useMutation({
    mutationFn: () => post<{ job: string | null }>(url`/api/flows/${flow.key}/archive/`),
    onSuccess: ({ job }) => {
      void client.invalidateQueries({ queryKey: ['flow', flow.key] });
      void client.invalidateQueries({ queryKey: ['flows'] });
      toast(
        job === null
          ? t`The flow is archived.`
          : t`The flow is archived. Nobody takes a step any more; its people leave within the next minutes.`,
      );
      setAsked(false);
    },
    onError: (error) => toastError(error, t`Not archived`),
  });
  if (!canEdit || flow.status === 'archived') return null;
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={180}>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={t`More for this flow`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconArchive size={14} />} onClick={() => setAsked(true)}>
            <Trans>Archive…</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asked}
        title={t`Archive this flow?`}
        confirm={t`Archive`}
        danger
        busy={archive.isPending}
        onClose={() => setAsked(false)}
        onConfirm={() => archive.mutate()}
      >
        <Trans>
          {inside > 0
            ? plural(inside, {
                one: '# person inside leaves at once, and nobody comes in any more.',
                other: '# people inside leave at once, and nobody comes in any more.',
              })
            : t`Nobody comes in any more.`}{' '}
          Its numbers and its people’s paths stay. This cannot be undone.
        </Trans>
      </ConfirmDialog>
    </>
  );
}
