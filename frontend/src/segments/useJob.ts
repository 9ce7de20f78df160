/** A job while it runs, followed by its socket. */
import { useEffect, useState } from 'react';
import { openSocket } from '@/api/socket';
import type { Job } from '@/settings/types';

interface JobMessage {
  type: 'snapshot' | 'job';
  job: Job;
}

export const isOver = ({ status }: Job): boolean =>
  status === 'done' || status === 'failed' || status === 'cancelled';

/** The job as it is now; null until it is known. `onOver` is told once of its end. */
export function useJob(id: string | null, onOver: (job: Job) => void): Job | null {
  const [job, setJob] = useState<Job | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the socket stays open while `onOver` changes
  useEffect(() => {
    setJob(null);
    if (!id) return;
    const close = openSocket<JobMessage>(`/ws/jobs/${id}/`, {
      onMessage: ({ job: now }) => {
        setJob(now);
        if (!isOver(now)) return;
        close();
        onOver(now);
      },
    });
    return close;
  }, [id]);
  return job?.id === id ? job : null;
}
