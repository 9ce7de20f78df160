/** What a person can do for people inside a flow: let them go on, move them, take them out. */
import { plural, t } from '@lingui/core/macro';
import { useMutation } from '@tanstack/react-query';
import { post, url } from '@/api/client';
import type { Acted, VisitRow } from '@/api/types';
import { contactName } from '@/ui/contact';
import { toast, toastError } from '@/ui/toast';
import { useRefreshPeople } from './useRepair';

/** The people that something is done for. */
export interface Whom {
  /** These visits, or everybody at a step. */
  choose:
    | { visits: number[] }
    | (({ node: string } | { all: true }) & { failed?: boolean; search?: string });
  count: number;
  /** "Ada Holt", "12 people". */
  words: string;
  state: 'inside' | 'failed';
  /** The step where all of them are, if it is one. */
  node: string | null;
}

/** The people of these visits; null where nothing can be done for all of them alike. */
export function whomOf(visits: readonly VisitRow[]): Whom | null {
  const [first] = visits;
  if (!first) return null;
  const state = visits.every(({ outcome }) => outcome === first.outcome) ? first.outcome : null;
  if (state !== 'inside' && state !== 'failed') return null;
  return {
    choose: { visits: visits.map(({ id }) => id) },
    count: visits.length,
    words: wordsOf(visits),
    state,
    node: visits.every(({ node }) => node === first.node) ? first.node : null,
  };
}

export function wordsOf(visits: readonly VisitRow[]): string {
  const [only] = visits;
  return only && visits.length === 1
    ? contactName(only.contact)
    : plural(visits.length, { one: '# person', other: '# people' });
}

export type PeopleAction =
  | { way: 'go-on' }
  | { way: 'move'; to: string; title: string }
  | { way: 'remove' };

interface Asked {
  whom: Whom;
  action: PeopleAction;
}

function doneWords({ whom, action }: Asked, { count, job }: Acted): string {
  if (count === 0) return t`Nobody was there any more.`;
  const who =
    count === whom.count ? whom.words : plural(count, { one: '# person', other: '# people' });
  const words = wayWords(action, who, count === 1);
  return `${words}${job ? t` A job does it, step by step: see Settings, Jobs.` : ''}`;
}

function wayWords(action: PeopleAction, who: string, one: boolean): string {
  switch (action.way) {
    case 'go-on':
      return one ? t`${who} goes on now.` : t`${who} go on now.`;
    case 'remove':
      return one ? t`${who} leaves the flow.` : t`${who} leave the flow.`;
    case 'move':
      return one
        ? t`${who} is moved to “${action.title}”.`
        : t`${who} are moved to “${action.title}”.`;
  }
}

export function usePeopleActions(key: string) {
  const refresh = useRefreshPeople(key);
  return useMutation({
    mutationFn: ({ whom, action }: Asked) =>
      post<Acted>(url`/api/flows/${key}/${action.way}/`, {
        ...whom.choose,
        ...(action.way === 'move' && { to: action.to }),
      }),
    onSuccess: (acted, asked) => toast(doneWords(asked, acted)),
    onError: (error) => toastError(error, t`Nothing was changed`),
    onSettled: refresh,
  });
}
