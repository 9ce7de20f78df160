/** Why somebody is in a segment, or is not: the rule as a tree, with what each condition saw. */
import { Modal, Skeleton, UnstyledButton } from '@mantine/core';
import { IconArrowLeft, IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, url } from '@/api/client';
import type { ContactRef, Narrowed } from '@/api/types';
import { ContactPicker } from '@/contacts/ContactPicker';
import { PersonCell } from '@/contacts/PersonCell';
import { asRule, isGroup, type Rule, type RuleNames } from '@/model/rule';
import { conditionParts, partsText } from '@/model/ruleSentence';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { useRuleChoices } from './useRuleChoices';
import classes from './WhyDialog.module.css';

/** A rule as the server explains it for one contact. */
interface Explained {
  type: string;
  is_true: boolean;
  saw?: string | null;
  until?: string | null;
  rules?: Explained[];
  rule?: Explained;
}

type Explanation = Narrowed<'Explanation', { tree: Explained | null }>;

interface WhyDialogProps {
  opened: boolean;
  onClose: () => void;
  segment: { key: string; name: string };
  /** The contact asked about; without one, it is chosen first. */
  contact?: ContactRef;
}

export function WhyDialog({ opened, onClose, segment, contact }: WhyDialogProps) {
  const [chosen, setChosen] = useState<ContactRef | null>(null);
  const asked = contact ?? chosen;
  return (
    <Modal
      opened={opened}
      onClose={() => {
        setChosen(null);
        onClose();
      }}
      size={560}
      title={
        <strong>{asked ? `In “${segment.name}”?` : `Test a person on “${segment.name}”`}</strong>
      }
    >
      {asked ? (
        <>
          {!contact && (
            <UnstyledButton className={classes.back} onClick={() => setChosen(null)}>
              <IconArrowLeft size={14} aria-hidden /> Another person
            </UnstyledButton>
          )}
          <Why segment={segment.key} contact={asked} />
        </>
      ) : (
        <ContactPicker onPick={setChosen} />
      )}
    </Modal>
  );
}

function Why({ segment, contact }: { segment: string; contact: ContactRef }) {
  const names = useRuleChoices();
  const { data, error } = useQuery({
    queryKey: ['why', segment, contact.id],
    queryFn: () =>
      get<Explanation>(url`/api/segments/${segment}/explain/`, { contact: contact.id }),
    staleTime: 0,
  });
  if (error) {
    return <EmptyState compact title="This cannot be explained now" text={error.message} />;
  }
  if (!data) return <Skeleton height={140} />;
  return (
    <>
      <div className={classes.verdict}>
        <PersonCell contact={contact} size={32} />
        <StatusBadge tone={data.member ? 'accent' : 'quiet'}>
          {data.member ? 'is in it' : 'is not in it'}
          {data.by_hand ? ' by hand' : ''}
        </StatusBadge>
      </div>
      {note(data) && <p className={classes.note}>{note(data)}</p>}
      {data.tree && (
        <ul className={classes.tree}>
          <Node node={data.tree} names={names} />
        </ul>
      )}
    </>
  );
}

/** Why the rule's answer and the membership differ, where they do. */
function note({ is_true: isTrue, member, by_hand: byHand, held_out: heldOut, tree }: Explanation) {
  if (!tree) return 'This segment has no rule: it is filled by hand alone.';
  if (heldOut) return 'They were taken out by hand, and stay out until the rule has turned false.';
  if (member && !isTrue) {
    return byHand
      ? 'The rule is false for them: they are held in by hand.'
      : 'The rule is false for them now, but this kind of segment never lets go by itself.';
  }
  return isTrue && !member
    ? 'The rule is true for them now, but the segment was built before.'
    : '';
}

function words(node: Explained, names: RuleNames): string {
  const rule: Rule = asRule(node);
  if (isGroup(rule)) return rule.type === 'all' ? 'all of these' : 'any of these';
  return rule.type === 'not' ? 'not' : partsText(conditionParts(rule, names));
}

/** What was seen. Quotes are for values somebody gave, not for our own words. */
function sight({ type, saw }: Explained) {
  const ours = type === 'reachable' || type === 'consent';
  return ours && saw ? saw.replace(/^“(.*)”$/, '$1') : saw;
}

function Node({ node, names }: { node: Explained; names: RuleNames }) {
  const inner = node.rules ?? (node.rule ? [node.rule] : []);
  return (
    <li className={classes.node} data-true={node.is_true}>
      <span className={classes.mark}>
        {node.is_true ? (
          <IconCheck size={14} aria-label="true" />
        ) : (
          <IconX size={14} aria-label="false" />
        )}
      </span>
      <div className={classes.words}>
        <span>{words(node, names)}</span>
        {node.saw && <small>saw: {sight(node)}</small>}
        {node.until && (
          <small>
            changes <TimeAgo at={node.until} />
          </small>
        )}
        {inner.length > 0 && (
          <ul className={classes.tree}>
            {inner.map((each, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a rule's place is its identity
              <Node key={i} node={each} names={names} />
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}
