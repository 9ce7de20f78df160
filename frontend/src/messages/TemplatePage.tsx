/** The editor of one template, with the e-mail as a chosen contact would read it. */
import { t } from '@lingui/core/macro';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { get, url } from '@/api/client';
import type { Template } from '@/api/types';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import { TemplateEditor } from './TemplateEditor';

const CRUMBS = [{ label: t`Templates`, to: '/templates' }];

export function TemplatePage() {
  const { key } = useParams({ from: '/shell/templates/$key' });
  const { data, error } = useQuery({
    queryKey: ['template', key],
    queryFn: () => get<Template>(url`/api/templates/${key}/`),
    // what somebody is writing must not be replaced under their hands
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (error) {
    return (
      <Page title={t`Template`} crumbs={CRUMBS}>
        <EmptyState title={t`This template cannot be shown`} text={error.message} />
      </Page>
    );
  }
  if (!data) {
    return (
      <Page title={t`Template`} crumbs={CRUMBS}>
        <Skeleton height={420} />
      </Page>
    );
  }
  return <TemplateEditor key={data.key} template={data} />;
}
