/** Leads to the live canvas, with one visit followed there. */
import { t } from '@lingui/core/macro';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconWalk } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

interface FollowLinkProps {
  flow: string;
  visit: number;
  name: string;
}

export function FollowLink({ flow, visit, name }: FollowLinkProps) {
  return (
    <Tooltip label={t`Follow on the canvas`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={26}
        aria-label={t`Follow ${name} on the canvas`}
        renderRoot={(props) => (
          <Link
            {...props}
            to="/flows/$key"
            params={{ key: flow }}
            search={{ tab: 'live', visit }}
            onClick={(event) => event.stopPropagation()}
          />
        )}
      >
        <IconWalk size={15} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
