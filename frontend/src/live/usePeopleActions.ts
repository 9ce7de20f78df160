/** What a person can do for people inside a flow: let them go on, move them, take them out. */
import { useMutation } from '@tanstack/react-query';
import { post, url } from '@/api/client';
import type { VisitRow } from '@/api/types';
import { contactName } from '@/ui/contact';
import { plural } from '@/ui/format';
import { toast, toastError } from '@/ui/toast';
import { useRefreshPeople } from './useRepair';

export type PeopleAction =
  | { way: 'go-on' }
  | { way: 'move'; to: string; title: string }
  | { way: 'take-out' };

interface Asked {
  visits: readonly VisitRow[];
  action: PeopleAction;
}

/** "Ada Holt", "12 people". */
export const whom = (visits: readonly VisitRow[]): string => {
  const [only] = visits;
  return only && visits.length === 1
    ? contactName(only.contact)
    : plural(visits.length, 'person', 'people');
};

function doneWords({ visits, action }: Asked, count: number): string {
  if (count === 0) return 'Nobody was there any more.';
  const who = count === visits.length ? whom(visits) : plural(count, 'person', 'people');
  const one = count === 1;
  if (action.way === 'go-on') return `${who} ${one ? 'goes' : 'go'} on now.`;
  if (action.way === 'take-out') return `${who} ${one ? 'leaves' : 'leave'} the flow.`;
  return `${who} ${one ? 'is' : 'are'} moved to “${action.title}”.`;
}

export function usePeopleActions(key: string) {
  const refresh = useRefreshPeople(key);
  return useMutation({
    mutationFn: ({ visits, action }: Asked) =>
      post<{ count: number }>(url`/api/flows/${key}/visits/${action.way}/`, {
        visits: visits.map(({ id }) => id),
        ...(action.way === 'move' && { to: action.to }),
      }),
    onSuccess: ({ count }, asked) => toast(doneWords(asked, count)),
    onError: (error) => toastError(error, 'Nothing was changed'),
    onSettled: refresh,
  });
}
