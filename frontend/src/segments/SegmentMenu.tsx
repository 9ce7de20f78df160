/** What else can be done with a segment: build it anew, copy it, take it away, delete it. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconCopy, IconDots, IconFileDownload, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { del, post, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { plural } from '@/ui/format';
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
    onError: (error) => toastError(error, 'It was not built anew'),
  });
  const remove = useMutation({
    mutationFn: () => del(url`/api/segments/${segment.key}/`),
    onSuccess: async () => {
      onDeleted();
      toast(`“${segment.name}” is deleted.`);
      void client.invalidateQueries({ queryKey: ['segments'] });
      await navigate({ to: '/segments' });
    },
    onError: (error) => {
      setDeleting(false);
      toastError(error, 'It was not deleted');
    },
  });
  const uses = segment.used_in.length;
  return (
    <>
      <Menu position="bottom-end" width={230} shadow="md">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label="More about this segment">
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
            Export its people (CSV)
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
                New segment with this rule
              </Menu.Item>
              <Menu.Item
                leftSection={<IconRefresh size={16} stroke={1.7} />}
                disabled={segment.status === 'building' || !segment.rule}
                onClick={() => rebuild.mutate()}
              >
                Build it anew
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} stroke={1.7} />}
                onClick={() => setDeleting(true)}
              >
                Delete …
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={deleting}
        title={`Delete “${segment.name}”?`}
        confirm="Delete"
        danger
        busy={remove.isPending}
        onClose={() => setDeleting(false)}
        onConfirm={() => remove.mutate()}
      >
        {uses > 0
          ? `It is used in ${plural(uses, 'place')}; as long as it is, it cannot be deleted. The tab “Used in” lists them.`
          : 'Its people stay, but who was in it and its history go. This cannot be taken back.'}
      </ConfirmDialog>
    </>
  );
}
