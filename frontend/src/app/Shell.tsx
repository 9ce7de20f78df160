/** The frame of every page: the rail on the left, the page beside it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Menu, Tooltip, useMantineColorScheme } from '@mantine/core';
import {
  IconDeviceDesktop,
  IconInbox,
  IconLayoutDashboard,
  IconLogout,
  IconMail,
  IconMoon,
  IconRoute,
  IconSettings,
  IconSun,
  IconTarget,
  IconUserCircle,
  IconUsers,
} from '@tabler/icons-react';
import { Link, Outlet, useRouter } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { signOut } from '@/api/auth';
import { useMe } from '@/api/queries';
import { forgetPlaces } from '@/ui/recent';
import { JobsIndicator } from './jobs/JobsIndicator';
import { CommandPalette } from './palette/CommandPalette';
import { queryClient } from './query-client';
import classes from './Shell.module.css';

type Icon = ComponentType<{ size?: number; stroke?: number }>;

const PLACES: { to: string; label: string; icon: Icon; exact?: boolean }[] = [
  { to: '/', label: t`Home`, icon: IconLayoutDashboard, exact: true },
  { to: '/flows', label: t`Flows`, icon: IconRoute },
  { to: '/contacts', label: t`Contacts`, icon: IconUsers },
  { to: '/segments', label: t`Segments`, icon: IconTarget },
  { to: '/messages', label: t`Messages`, icon: IconInbox },
  { to: '/templates', label: t`Templates`, icon: IconMail },
];

function Place({ to, label, icon: PlaceIcon, exact = false }: (typeof PLACES)[number]) {
  return (
    <Tooltip label={label} position="right" openDelay={150}>
      <Link
        to={to}
        aria-label={label}
        className={classes.place}
        activeProps={{ className: classes.active, 'aria-current': 'page' }}
        activeOptions={{ exact }}
      >
        <PlaceIcon size={20} stroke={1.7} />
      </Link>
    </Tooltip>
  );
}

function AccountMenu() {
  const { data: me } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const router = useRouter();
  const schemes = [
    { value: 'auto', label: t`As the system`, icon: IconDeviceDesktop },
    { value: 'light', label: t`Light`, icon: IconSun },
    { value: 'dark', label: t`Dark`, icon: IconMoon },
  ] as const;

  const leave = async () => {
    await signOut();
    forgetPlaces();
    queryClient.clear();
    await router.navigate({ to: '/login' });
  };

  return (
    <Menu position="right-end" width={210} shadow="md" withinPortal={false}>
      <Menu.Target>
        <button type="button" className={classes.place} aria-label={t`Account and appearance`}>
          <IconUserCircle size={20} stroke={1.7} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {me && (
          <div className={classes.who}>
            <strong>{me.name || me.email}</strong>
            <span>
              <Trans>
                {me.role} in {me.workspace.name}
              </Trans>
            </span>
          </div>
        )}
        <Menu.Label>
          <Trans>Appearance</Trans>
        </Menu.Label>
        {schemes.map(({ value, label, icon: SchemeIcon }) => (
          <Menu.Item
            key={value}
            leftSection={<SchemeIcon size={16} stroke={1.7} />}
            rightSection={colorScheme === value ? <span aria-hidden>✓</span> : null}
            aria-current={colorScheme === value}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.7} />} onClick={leave}>
          <Trans>Sign out</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export function Shell() {
  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        <Trans>Skip to the page</Trans>
      </a>
      <nav className={classes.rail} aria-label={t`Main`}>
        <Link to="/" className={classes.mark} aria-label={t`Millrace, home`}>
          M
        </Link>
        {PLACES.map((place) => (
          <Place key={place.to} {...place} />
        ))}
        <span className={classes.spring} />
        <JobsIndicator />
        <AccountMenu />
        <Place to="/settings" label={t`Settings`} icon={IconSettings} />
      </nav>
      <div className={classes.page}>
        <Outlet />
      </div>
      <CommandPalette />
    </div>
  );
}
