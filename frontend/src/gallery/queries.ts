/** What the gallery reads and does. */
import { t } from '@lingui/core/macro';
import { notifications } from '@mantine/notifications';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { get, post, url } from '@/api/client';
import type { FlowTemplate, FlowTemplateUsed } from '@/api/types';
import { type Answers, madeWords } from './words';

const galleryQuery = queryOptions({
  queryKey: ['gallery'],
  queryFn: () => get<FlowTemplate[]>('/api/gallery/'),
  staleTime: 60_000,
});

export const useGallery = () => useQuery(galleryQuery);

/** Lists that know nothing yet of what a template has made. */
const GROWN = ['flows', 'segments', 'templates', 'topics', 'fields', 'gallery', 'jobs'];

/** Makes the draft and opens it on the canvas. */
export function useTemplate(template: FlowTemplate) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ name, answers }: { name: string; answers: Answers }) =>
      post<FlowTemplateUsed>(url`/api/gallery/${template.key}/use/`, { name, answers }),
    onSuccess: ({ flow, made }) => {
      for (const key of GROWN) void client.invalidateQueries({ queryKey: [key] });
      notifications.show({
        color: 'accent',
        title: t`“${template.name}” is yours now`,
        message: t`Made ${madeWords(made)}. Look it over, change what you like, and publish it.`,
        autoClose: 9_000,
      });
      void navigate({ to: '/flows/$key', params: { key: flow }, search: { tab: 'design' } });
    },
  });
}
