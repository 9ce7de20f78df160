/** What failed in a flow, and trying it again or going on without it. */
import { t } from '@lingui/core/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post, url } from '@/api/client';
import type { Acted, FailureGroup } from '@/api/types';
import { type RepairTarget, type RepairWay, repairWords } from '@/model/failures';
import { toast, toastError } from '@/ui/toast';

const POLL = 5_000;

export function useFailures(key: string, enabled = true) {
  return useQuery({
    queryKey: ['flow-failures', key],
    queryFn: () => get<{ groups: FailureGroup[] }>(url`/api/flows/${key}/failures/`),
    select: ({ groups }) => groups,
    refetchInterval: POLL,
    enabled,
    retry: false,
  });
}

export interface Repair {
  way: RepairWay;
  target: RepairTarget;
  /** The way out by which those go on who skip the step. */
  branch?: string;
  /** Tries the step as the live version has it, not as the visit's own. */
  live?: boolean;
}

/** Everything that shows who is where in a flow. */
export function useRefreshPeople(key: string): () => void {
  const client = useQueryClient();
  return () => {
    for (const queryKey of [['flow-failures', key], ['flow-visits', key], ['alerts'], ['calls']]) {
      void client.invalidateQueries({ queryKey });
    }
  };
}

export function useRepair(key: string) {
  const refresh = useRefreshPeople(key);
  return useMutation({
    mutationFn: ({ way, target, branch, live }: Repair) =>
      post<Acted>(
        way === 'retry'
          ? url`/api/flows/${key}/failures/retry/`
          : url`/api/flows/${key}/failures/skip/`,
        { ...target, ...(branch && { branch }), ...(live && { version: 'live' }) },
      ),
    onSuccess: ({ count }, { way }) => toast(repairWords(way, count)),
    onError: (error) => toastError(error, t`Nothing was changed`),
    onSettled: refresh,
  });
}
