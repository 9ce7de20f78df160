/** What the palette can do, beside going somewhere: everywhere, and on the page one is at. */
import { t } from '@lingui/core/macro';
import { useMantineColorScheme } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { signOut } from '@/api/auth';
import { useCanEdit } from '@/api/queries';
import { forgetPlaces } from '@/ui/recent';
import { queryClient } from '../query-client';
import type { Target } from './targets';

/** What can be done wherever one is. */
function everywhere(canEdit: boolean): Omit<Target, 'group'>[] {
  if (!canEdit) return [];
  return [
    { label: t`New flow`, also: t`create draw`, path: '/flows#new' },
    { label: t`New flow from a template`, also: t`create gallery`, path: '/flows/templates' },
    { label: t`New segment`, also: t`create rule`, path: '/segments/new' },
    { label: t`New contact`, also: t`create person add`, path: '/contacts#new' },
    { label: t`New e-mail template`, also: t`create message`, path: '/templates#new' },
    { label: t`Import contacts from a file`, also: t`CSV upload`, path: '/contacts/import' },
    { label: t`New source of events`, also: t`API key`, path: '/settings?tab=sources' },
  ];
}

/** What can be done with the flow or the segment whose page this is. */
function here(path: string, canEdit: boolean): Omit<Target, 'group'>[] {
  const flow = /^\/flows\/(?!templates(?:\/|$))[^/]+$/.exec(path)?.[0];
  const segment = /^\/segments\/(?!new$)[^/]+$/.exec(path)?.[0];
  if (flow) {
    return [
      { label: t`Watch it live`, also: t`people counts`, path: `${flow}?tab=live` },
      ...(canEdit
        ? [
            { label: t`Edit its steps`, also: t`design canvas`, path: `${flow}?tab=design` },
            { label: t`Publish it…`, path: `${flow}?tab=design#publish` },
            { label: t`Pause or resume it…`, path: `${flow}?tab=live#pause` },
          ]
        : []),
      { label: t`Try it with a person`, also: t`simulate`, path: `${flow}?tab=try` },
      {
        label: t`Try it on a past period`,
        also: t`backtest`,
        path: `${flow}?tab=try&way=backtest`,
      },
      { label: t`Its people`, path: `${flow}?tab=people` },
      { label: t`Its results`, also: t`goal funnel conversion`, path: `${flow}?tab=results` },
      { label: t`Its versions`, also: t`history compare restore`, path: `${flow}?tab=versions` },
    ];
  }
  if (segment) {
    return [
      { label: t`Its rule`, path: segment },
      { label: t`Its people`, path: `${segment}?tab=people` },
      { label: t`Who joined and left`, also: t`history`, path: `${segment}?tab=history` },
      { label: t`Its growth`, path: `${segment}?tab=growth` },
      { label: t`Where it is used`, path: `${segment}?tab=uses` },
    ];
  }
  return [];
}

/** All that can be done now, by this person, on this page. */
export function useActions(): { here: Target[]; everywhere: Target[] } {
  const router = useRouter();
  const canEdit = useCanEdit();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const grouped = (group: string, actions: Omit<Target, 'group'>[]): Target[] =>
    actions.map((action) => ({ ...action, group }));

  const leave = async () => {
    await signOut();
    forgetPlaces();
    queryClient.clear();
    await router.navigate({ to: '/login' });
  };
  const appearance: Omit<Target, 'group'>[] = [
    { scheme: 'light' as const, label: t`Light appearance` },
    { scheme: 'dark' as const, label: t`Dark appearance` },
    { scheme: 'auto' as const, label: t`Appearance as the system has it` },
  ]
    .filter(({ scheme }) => scheme !== colorScheme)
    .map(({ scheme, label }) => ({
      label,
      also: t`theme mode`,
      run: () => setColorScheme(scheme),
    }));
  return {
    here: grouped(t`On this page`, here(router.state.location.pathname, canEdit)),
    everywhere: grouped(t`Actions`, [
      ...everywhere(canEdit),
      ...appearance,
      { label: t`Sign out`, also: t`log out leave`, run: () => void leave() },
    ]),
  };
}
