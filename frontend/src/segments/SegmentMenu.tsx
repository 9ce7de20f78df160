/** What else can be done with a segment: build it anew, copy it, take it away, delete it. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Menu } from '@mantine/core';
import { IconCopy, IconDots, IconFileDownload, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { del, post, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { toast, toastError } from '@/ui/toast';
import type { Segment } from './types';

interface SegmentMenuProps {
  segment: Segment;
  /** Told before the page of a segment that is no more is left. */
  onDeleted: () => void;
}

export function SegmentMenu({ segment, onDeleted }: SegmentMenuProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const canEdit = useCanEdit();
  const [deleting, setDeleting] = useState(false);
  const rebuild = useMutation({
    mutationFn: () => post(url`/api/segments/${segment.key}/rebuild/`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['segment', segment.key] }),
    onError: (error) => toastError(error, t`It was not built anew`),
  });
  const remove = useMutation({
    mutationFn: () => del(url`/api/segments/${segment.key}/`),
    onSuccess: async () => {
      onDeleted();
      toast(t`“${segment.name}” is deleted.`);
      void client.invalidateQueries({ queryKey: ['segments'] });
      await navigate({ to: '/segments' });
    },
    onError: (error) => {
      setDeleting(false);
      toastError(error, t`It was not deleted`);
    },
  });
  const uses = segment.used_in.length;
  return (
    <>
      <Menu position="bottom-end" width={230} shadow="md">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={t`More about this segment`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component="a"
            href={url`/api/segments/${segment.key}/export/`}
            download
            leftSection={<IconFileDownload size={16} stroke={1.7} />}
          >
            <Trans>Export its people (CSV)</Trans>
          </Menu.Item>
          {canEdit && (
            <>
              <Menu.Item
                leftSection={<IconCopy size={16} stroke={1.7} />}
                onClick={() =>
                  navigate({
                    to: '/segments/$key',
                    params: { key: 'new' },
                    search: { rule: segment.rule },
                  })
                }
              >
                <Trans>New segment with this rule</Trans>
              </Menu.Item>
              <Menu.Item
                leftSection={<IconRefresh size={16} stroke={1.7} />}
                disabled={segment.status === 'building' || !segment.rule}
                onClick={() => rebuild.mutate()}
              >
                <Trans>Build it anew</Trans>
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} stroke={1.7} />}
                onClick={() => setDeleting(true)}
              >
                <Trans>Delete…</Trans>
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={deleting}
        title={t`Delete “${segment.name}”?`}
        confirm={t`Delete`}
        danger
        busy={remove.isPending}
        onClose={() => setDeleting(false)}
        onConfirm={() => remove.mutate()}
      >
        {uses > 0
          ? t`It is used in ${plural(uses, { one: '# place', other: '# places' })}; as long as it is, it cannot be deleted. The tab “Used in” lists them.`
          : t`Its people stay, but who was in it and its history go. This cannot be taken back.`}
      </ConfirmDialog>
    </>
  );
}
