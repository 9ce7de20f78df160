/** One segment: its rule, its people, how it grew and overlaps, where it is used. */
import { t } from '@lingui/core/macro';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { get, url } from '@/api/client';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import classes from './Segment.module.css';
import { SegmentEditor } from './SegmentEditor';
import type { Segment } from './types';

const CRUMBS = [{ label: t`Segments`, to: '/segments' }];

/** While it is being built, a segment is looked at every second. */
const BUILDING_POLL = 1_000;
const READY_POLL = 15_000;

export function SegmentPage() {
  const { key } = useParams({ from: '/shell/segments/$key' });
  const fresh = key === 'new';
  const { data, error } = useQuery({
    queryKey: ['segment', key],
    queryFn: () => get<Segment>(url`/api/segments/${key}/`),
    enabled: !fresh,
    refetchInterval: (query) =>
      query.state.data?.status === 'building' ? BUILDING_POLL : READY_POLL,
  });

  if (fresh) return <SegmentEditor key="new" segment={null} />;
  if (error && !data) {
    return (
      <Page title={t`Segment`} crumbs={CRUMBS}>
        <EmptyState title={t`This segment cannot be shown`} text={error.message} />
      </Page>
    );
  }
  if (!data) {
    return (
      <Page title={t`Segment`} crumbs={CRUMBS} aside={<span />}>
        <div className={classes.column} aria-busy="true">
          <Skeleton height={56} width={640} />
          <Skeleton height={44} width={700} />
          <Skeleton height={260} />
        </div>
      </Page>
    );
  }
  return <SegmentEditor key={data.key} segment={data} />;
}
