/** Why somebody is in a segment, or is not; or why a rule that is being built is true of them. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Modal, Skeleton, UnstyledButton } from '@mantine/core';
import { IconArrowLeft, IconClock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, post, url } from '@/api/client';
import type { ContactRef, Narrowed } from '@/api/types';
import { ContactPicker } from '@/contacts/ContactPicker';
import { PersonCell } from '@/contacts/PersonCell';
import type { Rule } from '@/model/rule';
import type { Explained } from '@/model/ruleWhy';
import { contactName } from '@/ui/contact';
import { EmptyState } from '@/ui/EmptyState';
import { exactInstant } from '@/ui/format';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import classes from './WhyDialog.module.css';
import { WhyTree } from './WhyTree';

type Explanation = Narrowed<'Explanation', { tree: Explained | null }>;
type RuleExplained = Narrowed<'RuleExplained', { tree: Explained }>;

interface WhyDialogProps {
  opened: boolean;
  onClose: () => void;
  /** The segment asked about; without one, the rule. */
  segment?: { key: string; name: string };
  rule?: Rule;
  /** The contact asked about; without one, it is chosen first. */
  contact?: ContactRef;
}

export function WhyDialog({ opened, onClose, segment, rule, contact }: WhyDialogProps) {
  const [chosen, setChosen] = useState<ContactRef | null>(null);
  const asked = contact ?? chosen;
  const title = segment ? t`In “${segment.name}”?` : t`Is the rule true as it stands here?`;
  return (
    <Modal
      opened={opened}
      onClose={() => {
        setChosen(null);
        onClose();
      }}
      size={620}
      yOffset="7vh"
      title={<strong>{asked ? title : t`Test a person: ${title}`}</strong>}
    >
      {asked ? (
        <>
          {!contact && (
            <UnstyledButton className={classes.back} onClick={() => setChosen(null)}>
              <Trans>
                <IconArrowLeft size={14} aria-hidden /> Another person
              </Trans>
            </UnstyledButton>
          )}
          {segment ? (
            <WhyMember segment={segment.key} contact={asked} />
          ) : (
            rule && <WhyTrue rule={rule} contact={asked} />
          )}
        </>
      ) : (
        <ContactPicker onPick={setChosen} />
      )}
    </Modal>
  );
}

function WhyMember({ segment, contact }: { segment: string; contact: ContactRef }) {
  const { data, error } = useQuery({
    queryKey: ['why', segment, contact.id],
    queryFn: ({ signal }) =>
      get<Explanation>(url`/api/segments/${segment}/explain/`, { contact: contact.id }, signal),
    staleTime: 0,
  });
  if (error) return <Unexplained error={error} />;
  if (!data) return <Skeleton height={140} />;
  const note = noteOn(data);
  return (
    <>
      <div className={classes.verdict}>
        <PersonCell contact={contact} size={32} />
        <div className={classes.answer}>
          <StatusBadge tone={data.member ? 'accent' : 'quiet'}>
            {data.member ? t`is in it` : t`is not in it`}
            {data.by_hand ? t` by hand` : ''}
          </StatusBadge>
          {data.since && (
            <small>
              <Trans>
                since <TimeAgo at={data.since} />
              </Trans>
            </small>
          )}
        </div>
      </div>
      <Ahead contact={contact} until={data.until} words={data.until_words} />
      {note && <p className={classes.note}>{note}</p>}
      {data.tree && <WhyTree tree={data.tree} />}
    </>
  );
}

function WhyTrue({ rule, contact }: { rule: Rule; contact: ContactRef }) {
  const { data, error } = useQuery({
    queryKey: ['why', JSON.stringify(rule), contact.id],
    queryFn: ({ signal }) =>
      post<RuleExplained>('/api/segments/explain/', { rule, contact: contact.id }, signal),
    staleTime: 0,
    retry: false,
  });
  if (error) return <Unexplained error={error} />;
  if (!data) return <Skeleton height={140} />;
  return (
    <>
      <div className={classes.verdict}>
        <PersonCell contact={contact} size={32} />
        <StatusBadge tone={data.is_true ? 'accent' : 'quiet'}>
          {data.is_true ? t`the rule is true` : t`the rule is not true`}
        </StatusBadge>
      </div>
      <Ahead contact={null} until={data.until} words={data.until_words} />
      <WhyTree tree={data.tree} />
    </>
  );
}

function Unexplained({ error }: { error: Error }) {
  return <EmptyState compact title={t`This cannot be explained now`} text={error.message} />;
}

interface AheadProps {
  /** Who joins or leaves; none where the rule itself turns. */
  contact: ContactRef | null;
  until: string | null;
  words: string | null;
}

/** "Lea leaves in 2 days 4 hours, when Order Completed of 14 May passes 7 days." */
function Ahead({ contact, until, words }: AheadProps) {
  if (!until || !words) return null;
  const who = contact ? contactName(contact) : t`The rule`;
  return (
    <p className={classes.ahead} title={exactInstant(until)}>
      <IconClock size={15} aria-hidden />
      <span>
        <Trans>
          {who} {words}, if nothing else happens.
          <time dateTime={until}>{exactInstant(until)}</time>
        </Trans>
      </span>
    </p>
  );
}

/** Why the rule's answer and the membership differ, where they do. */
function noteOn({
  is_true: isTrue,
  member,
  by_hand: byHand,
  held_out: heldOut,
  tree,
}: Explanation) {
  if (!tree) return t`This segment has no rule: it is filled by hand alone.`;
  if (heldOut) return t`They were taken out by hand, and stay out until the rule has turned false.`;
  if (member && !isTrue) {
    return byHand
      ? t`The rule is false for them: they are held in by hand.`
      : t`The rule is false for them now, but this kind of segment never lets go by itself.`;
  }
  return isTrue && !member
    ? t`The rule is true for them now, but they are not in it: it was built before, or takes the first few alone.`
    : '';
}
