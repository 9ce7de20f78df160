/** The e-mail as a chosen contact would read it, on a desk or on a phone. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Modal, SegmentedControl, Skeleton, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { post, url } from '@/api/client';
import type { ContactRef, TemplatePreview } from '@/api/types';
import { ContactPicker } from '@/contacts/ContactPicker';
import { contactName } from '@/ui/contact';
import { EmptyState } from '@/ui/EmptyState';
import { EmailFrame } from './EmailFrame';
import classes from './Messages.module.css';
import type { TemplateDraft } from './TemplateEditor';

const PHONE = 375;

const PARTS = {
  subject: t`Subject`,
  preheader: t`Preheader`,
  html: 'HTML',
  text: t`Text`,
} as const;

interface PaneProps {
  template: string;
  draft: TemplateDraft;
  part: 'html' | 'text';
}

export function TemplatePreviewPane({ template, draft, part }: PaneProps) {
  const [contact, setContact] = useState<ContactRef | null>(null);
  const [choosing, setChoosing] = useState(false);
  const [width, setWidth] = useState('desk');
  const { name: _, ...parts } = draft;
  const [asked] = useDebouncedValue(JSON.stringify(parts), 400);
  const { data, error } = useQuery({
    queryKey: ['template-preview', template, contact?.id ?? null, asked],
    queryFn: ({ signal }) =>
      post<TemplatePreview>(
        url`/api/templates/${template}/preview/`,
        { ...(JSON.parse(asked) as object), ...(contact && { contact: contact.id }) },
        signal,
      ),
    placeholderData: keepPreviousData,
    retry: false,
  });

  return (
    <section className={classes.look} aria-label={t`Preview`}>
      <div className={classes.lookBar}>
        <span>
          <Trans>
            as read by{' '}
            <UnstyledButton className={classes.reader} onClick={() => setChoosing(true)}>
              {contact ? contactName(contact) : t`a made-up contact`}
            </UnstyledButton>
          </Trans>
        </span>
        <SegmentedControl
          aria-label={t`Width`}
          size="xs"
          value={width}
          onChange={setWidth}
          data={[
            { value: 'desk', label: <IconDeviceDesktop size={16} aria-label={t`Desktop`} /> },
            { value: 'phone', label: <IconDeviceMobile size={16} aria-label={t`Phone`} /> },
          ]}
        />
      </div>
      {data && data.problems.length > 0 && (
        <ul className={classes.problems} role="alert">
          {data.problems.map((problem) => (
            <li key={`${problem.part} ${problem.line} ${problem.detail}`}>
              <IconAlertTriangle size={14} aria-hidden />
              <span>
                <strong>
                  {PARTS[problem.part]}
                  {problem.line ? t`, line ${problem.line}` : ''}
                </strong>{' '}
                {problem.detail}
              </span>
            </li>
          ))}
        </ul>
      )}
      {error && <EmptyState compact title={t`No preview`} text={error.message} />}
      {!data && !error && <Skeleton height={300} m={16} w="auto" />}
      {data && (
        <div className={classes.paper} data-width={width}>
          <div className={classes.inbox}>
            <strong>{data.subject || t`No subject`}</strong>
            <span>{draft.preheader}</span>
          </div>
          {part === 'html' ? (
            <EmailFrame html={data.html} width={width === 'phone' ? PHONE : '100%'} />
          ) : (
            <pre className={classes.text}>{data.text || t`The text part is empty.`}</pre>
          )}
        </div>
      )}
      <Modal
        opened={choosing}
        onClose={() => setChoosing(false)}
        size={480}
        title={
          <strong>
            <Trans>Show it as read by…</Trans>
          </strong>
        }
      >
        <ContactPicker
          onPick={(picked) => {
            setContact(picked);
            setChoosing(false);
          }}
        />
      </Modal>
    </section>
  );
}
