/** Before an edited segment is saved: who would join and leave, and which flows they would enter. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Loader, Modal, Skeleton } from '@mantine/core';
import { IconHandStop, IconRoute } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { post, url } from '@/api/client';
import type { ContactRef } from '@/api/types';
import { PersonCell } from '@/contacts/PersonCell';
import { EmptyState } from '@/ui/EmptyState';
import { number, sentence } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { StatusBadge } from '@/ui/StatusBadge';
import classes from './ChangeDialog.module.css';
import { membersBody, type SegmentDraft } from './draft';
import { kindName } from './kinds';
import type { ChangePreview, FlowEffect, Segment } from './types';

interface ChangeDialogProps {
  segment: Segment;
  draft: SegmentDraft;
  busy: boolean;
  onSave: () => void;
  onClose: () => void;
}

/** The estimate first, because it is there at once; then the exact numbers. */
function useChangePreview(key: string, draft: SegmentDraft) {
  const body = membersBody(draft);
  const ask = (exact: boolean) => ({
    queryKey: ['segment-change', key, body, exact],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      post<ChangePreview>(
        url`/api/segments/${key}/preview-change/`,
        exact ? { ...body, exact } : body,
        signal,
      ),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const first = useQuery(ask(false));
  const exact = useQuery({ ...ask(true), enabled: first.data?.exact === false });
  return { data: exact.data ?? first.data, error: first.error, counting: exact.isFetching };
}

export function ChangeDialog({ segment, draft, busy, onSave, onClose }: ChangeDialogProps) {
  const { data, error, counting } = useChangePreview(segment.key, draft);
  const converted = draft.kind !== segment.kind;
  return (
    <Modal
      opened
      onClose={onClose}
      size={660}
      yOffset="7vh"
      title={
        <strong>
          {converted
            ? t`Make “${segment.name}” ${kindName(draft.kind).toLowerCase()}?`
            : t`Save the changes to “${segment.name}”?`}
        </strong>
      }
    >
      {error && (
        <EmptyState
          compact
          title={t`What would change could not be counted`}
          text={t`${sentence(error.message)} Go back and mend it, or try again.`}
        />
      )}
      {!data && !error && <Waiting />}
      {data && <Change change={data} counting={counting} />}
      <Group justify="space-between" mt="lg" gap={8}>
        <span className={classes.foot}>
          {data && data.joins + data.leaves > 0
            ? t`People join and leave piece by piece while it is built.`
            : ''}
        </span>
        <Group gap={8}>
          <Button variant="default" onClick={onClose}>
            <Trans>Go on editing</Trans>
          </Button>
          <Button onClick={onSave} loading={busy} disabled={!data} data-autofocus>
            <Trans>Save</Trans>
          </Button>
        </Group>
      </Group>
    </Modal>
  );
}

function Waiting() {
  return (
    <div aria-busy="true">
      <Skeleton height={16} width="70%" />
      <Skeleton height={62} mt={16} />
      <Skeleton height={120} mt={16} />
      <span className="sr-only">
        <Trans>Counting who would join and leave</Trans>
      </span>
    </div>
  );
}

function Change({ change, counting }: { change: ChangePreview; counting: boolean }) {
  const about = change.exact ? '' : t`about `;
  const still = change.joins === 0 && change.leaves === 0;
  const flows = change.flows.filter(({ contacts }) => contacts > 0);
  return (
    <div className={classes.change}>
      <p className={classes.sentence} aria-live="polite">
        {sentence(change.sentence)}
        {counting && (
          <span className={classes.counting}>
            <Trans>
              <Loader size={12} aria-hidden /> counting exactly
            </Trans>
          </span>
        )}
      </p>
      <KeyNumbers>
        <KeyNumber value={`${about}${number(change.stays + change.leaves)}`} label={t`in it now`} />
        <KeyNumber
          value={`${about}+ ${number(change.joins)}`}
          label={t`would join`}
          tone={change.joins ? 'accent' : undefined}
        />
        <KeyNumber value={`${about}− ${number(change.leaves)}`} label={t`would leave`} />
        <KeyNumber value={`${about}${number(change.size)}`} label={t`in it then`} />
      </KeyNumbers>
      {(change.held_in > 0 || change.held_out > 0) && (
        <p className={classes.held}>
          <IconHandStop size={15} stroke={1.7} aria-hidden />
          {[
            change.held_in > 0 &&
              plural(change.held_in, {
                one: '# person held in by hand stays in.',
                other: '# people held in by hand stay in.',
              }),
            change.held_out > 0 &&
              plural(change.held_out, {
                one: '# person held out by hand stays out.',
                other: '# people held out by hand stay out.',
              }),
          ]
            .filter(Boolean)
            .join(' ')}
        </p>
      )}
      {change.conversion.length > 0 && (
        <ul className={classes.conversion}>
          {change.conversion.map((says) => (
            <li key={says}>{says}</li>
          ))}
        </ul>
      )}
      {!still && flows.length === 0 && (
        <p className={classes.held}>
          <Trans>
            <IconRoute size={15} stroke={1.7} aria-hidden /> No live flow would notice.
          </Trans>
        </p>
      )}
      {flows.length > 0 && (
        <section className={classes.flows}>
          <h3>
            <Trans>Flows that would notice</Trans>
          </h3>
          <ul>
            {flows.map((flow) => (
              <FlowLine key={`${flow.key}-${flow.how}`} flow={flow} about={about} />
            ))}
          </ul>
        </section>
      )}
      {!still && (
        <div className={classes.samples}>
          <Sample title={t`Would join`} contacts={change.sample_joins} of={change.joins} />
          <Sample title={t`Would leave`} contacts={change.sample_leaves} of={change.leaves} />
        </div>
      )}
    </div>
  );
}

const EFFECT: Record<string, (count: number, about: string) => string> = {
  enters: (count, about) =>
    plural(count, { one: `${about}# person enters it`, other: `${about}# people enter it` }),
  leaves: (count, about) =>
    plural(count, {
      one: `${about}# person is taken out of it`,
      other: `${about}# people are taken out of it`,
    }),
  'suppressed by': (count, about) =>
    plural(count, {
      one: `${about}# person is kept out of it`,
      other: `${about}# people are kept out of it`,
    }),
};

function FlowLine({ flow, about }: { flow: FlowEffect; about: string }) {
  const people = `${about}${plural(flow.contacts, { one: '# person', other: '# people' })}`;
  const says = EFFECT[flow.how]?.(flow.contacts, about) ?? `${flow.how}: ${people}`;
  return (
    <li>
      <IconRoute size={16} stroke={1.7} aria-hidden />
      <Link to="/flows/$key" params={{ key: flow.key }} target="_blank">
        {flow.name}
      </Link>
      <StatusBadge tone={flow.status === 'live' ? 'accent' : 'quiet'}>{flow.status}</StatusBadge>
      <span className={classes.effect}>{says}</span>
    </li>
  );
}

/** So many of a sample are shown. */
const SHOWN = 5;

function Sample({ title, contacts, of }: { title: string; contacts: ContactRef[]; of: number }) {
  const shown = contacts.slice(0, SHOWN);
  return (
    <section>
      <h3>{title}</h3>
      {shown.length === 0 && (
        <p className={classes.nobody}>
          <Trans>Nobody</Trans>
        </p>
      )}
      <ul>
        {shown.map((contact) => (
          <li key={contact.id}>
            <PersonCell contact={contact} />
          </li>
        ))}
      </ul>
      {of > shown.length && shown.length > 0 && (
        <p className={classes.nobody}>
          <Trans>and {number(of - shown.length)} more</Trans>
        </p>
      )}
    </section>
  );
}
