/** Score rules: for what contacts are given points, and which fade. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Menu } from '@mantine/core';
import {
  IconDots,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconStars,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { del, patch, url } from '@/api/client';
import { useCanEdit, useRows } from '@/api/queries';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton } from '@/ui/GuardedButton';
import { StatusBadge } from '@/ui/StatusBadge';
import { toast, toastError } from '@/ui/toast';
import classes from './Scoring.module.css';
import { ScoringEditor } from './ScoringEditor';
import { ScoringGiven } from './ScoringGiven';
import { SectionHead } from './SectionHead';
import { type Given, type ScoreRule, signed } from './scoring';

const NEW = 'new';

export function ScoringSection() {
  const { rule } = useSearch({ from: '/shell/settings' });
  const navigate = useNavigate();
  const open = (key: string | null) =>
    navigate({ to: '/settings', search: key ? { tab: 'scoring', rule: key } : { tab: 'scoring' } });
  if (rule) {
    return (
      <ScoringEditor key={rule} ruleKey={rule === NEW ? null : rule} onClose={() => open(null)} />
    );
  }
  return <ScoreRules onOpen={open} />;
}

function state(rule: ScoreRule) {
  if (rule.status === 'leaving')
    return (
      <StatusBadge tone="warn">
        <Trans>Being deleted</Trans>
      </StatusBadge>
    );
  if (rule.job)
    return (
      <StatusBadge tone="warn">
        <Trans>Working</Trans>
      </StatusBadge>
    );
  if (!rule.active)
    return (
      <StatusBadge>
        <Trans>Paused</Trans>
      </StatusBadge>
    );
  return (
    <StatusBadge tone="accent">
      <Trans>Active</Trans>
    </StatusBadge>
  );
}

function ScoreRules({ onOpen }: { onOpen: (key: string | null) => void }) {
  const list = useRows<ScoreRule>(
    ['score-rules', 'list'],
    '/api/score-rules/',
    { limit: 200 },
    5_000,
  );
  const client = useQueryClient();
  const [asked, setAsked] = useState<{ rule: ScoreRule; deed: 'pause' | 'delete' } | null>(null);
  const done = async (said: string) => {
    setAsked(null);
    toast(said);
    await client.invalidateQueries({ queryKey: ['score-rules'] });
  };
  const turn = useMutation({
    mutationFn: ({ rule, ...body }: { rule: ScoreRule; active: boolean; given?: Given }) =>
      patch<ScoreRule>(url`/api/score-rules/${rule.key}/`, body),
    onSuccess: (answer) => done(answer.active ? t`The rule goes on.` : t`The rule is paused.`),
    onError: (error) => toastError(error, t`The rule was not changed`),
  });
  const remove = useMutation({
    mutationFn: ({ rule, given }: { rule: ScoreRule; given?: Given }) =>
      del(`${url`/api/score-rules/${rule.key}/`}${given ? `?given=${given}` : ''}`),
    onSuccess: () => done(t`The rule is being deleted.`),
    onError: (error) => toastError(error, t`The rule was not deleted`),
  });
  const create = (
    <GuardedButton onClick={() => onOpen(NEW)}>
      <Trans>New score rule</Trans>
    </GuardedButton>
  );
  const columns: Column<ScoreRule>[] = [
    {
      key: 'name',
      header: t`Score rule`,
      render: (rule) => (
        <span className={classes.two}>
          <strong>{rule.name}</strong>
          <small title={rule.sentence}>{rule.sentence}</small>
        </span>
      ),
    },
    {
      key: 'points',
      header: t`Points`,
      width: '90px',
      align: 'right',
      render: (rule) => (
        <strong className={classes.points} data-takes={rule.points < 0 || undefined}>
          {signed(rule.points)}
        </strong>
      ),
    },
    { key: 'state', header: t`State`, width: '130px', render: state },
    {
      key: 'act',
      header: '',
      width: '44px',
      align: 'right',
      render: (rule) => (
        <RuleMenu
          rule={rule}
          onEdit={() => onOpen(rule.key)}
          onResume={() => turn.mutate({ rule, active: true })}
          onAsk={(deed) => setAsked({ rule, deed })}
        />
      ),
    },
  ];
  return (
    <>
      <SectionHead action={list.rows.length > 0 && create}>
        <Trans>
          A contact’s score is the sum of what these rules, and the steps of flows, gave and took.
          Each entry is in the ledger on the contact’s page.
        </Trans>
      </SectionHead>
      <DataTable
        label={t`Score rules`}
        rowHeight={56}
        columns={columns}
        rowKey={(rule) => rule.key}
        onRowClick={(rule) => onOpen(rule.key)}
        empty={
          <EmptyState
            icon={<IconStars size={26} />}
            title={t`No score rule yet`}
            text={t`Give points for what people do (an order, a visit to the pricing page) or for who they are (on a trial, in a segment). Points may fade, so that a high score means now.`}
            action={create}
          />
        }
        {...list}
      />
      {asked && (
        <ScoringGiven
          rule={asked.rule}
          deed={asked.deed}
          busy={turn.isPending || remove.isPending}
          onClose={() => setAsked(null)}
          onChoose={(given) => {
            const body = { rule: asked.rule, ...(given && { given }) };
            if (asked.deed === 'pause') turn.mutate({ ...body, active: false });
            else remove.mutate(body);
          }}
        />
      )}
    </>
  );
}

interface RuleMenuProps {
  rule: ScoreRule;
  onEdit: () => void;
  onResume: () => void;
  onAsk: (deed: 'pause' | 'delete') => void;
}

function RuleMenu({ rule, onEdit, onResume, onAsk }: RuleMenuProps) {
  const canEdit = useCanEdit();
  if (!canEdit) return null;
  return (
    <Menu position="bottom-end" shadow="md" width={180}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={28} aria-label={t`More for ${rule.name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      {/* what is chosen here is not a click on the row */}
      <Menu.Dropdown onClick={(event) => event.stopPropagation()}>
        <Menu.Item leftSection={<IconPencil size={14} />} onClick={onEdit}>
          <Trans>Edit</Trans>
        </Menu.Item>
        {rule.status === 'paused' && (
          <Menu.Item leftSection={<IconPlayerPlay size={14} />} onClick={onResume}>
            <Trans>Resume</Trans>
          </Menu.Item>
        )}
        {rule.active && (
          <Menu.Item leftSection={<IconPlayerPause size={14} />} onClick={() => onAsk('pause')}>
            <Trans>Pause…</Trans>
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={14} />}
          onClick={() => onAsk('delete')}
        >
          <Trans>Delete…</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
