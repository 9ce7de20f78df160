/** Adds what a condition does not say yet: where, when, what follows, since when unchanged. */
import { t } from '@lingui/core/macro';
import { Menu } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { Condition } from '@/model/rule';
import { type RulePath, replaceAt } from '@/model/ruleEdit';
import type { Slot } from '@/model/ruleSentence';
import { useToggle } from './Chip';
import { editorId, useBuilder } from './context';
import classes from './rule.module.css';

interface Offer {
  label: string;
  slot: Slot;
  next: Condition;
}

function offersFor(rule: Condition): Offer[] {
  const offers: Offer[] = [];
  if (rule.type === 'event') {
    const where = rule.where ?? [];
    offers.push({
      label: where.length > 0 ? t`And where…` : t`Where…`,
      slot: `where.${where.length}`,
      next: { ...rule, where: [...where, { property: '', op: 'eq', value: '' }] },
    });
    if (!rule.followed_by && !rule.not_followed_by) {
      offers.push(
        {
          label: t`Not followed by…`,
          slot: 'follow',
          next: { ...rule, not_followed_by: { name: '' } },
        },
        { label: t`Followed by…`, slot: 'follow', next: { ...rule, followed_by: { name: '' } } },
      );
    }
    const counts = (rule.measure ?? 'count') === 'count';
    if (counts && (rule.op ?? 'gte') === 'gte' && (rule.value ?? 1) === 1) {
      offers.push({
        label: t`Total, average, smallest…`,
        slot: 'measure',
        next: { ...rule, measure: { sum: '' }, op: 'gte', value: 1 },
      });
    }
  }
  const windowed = rule.type === 'event' || rule.type === 'score_change' || rule.type === 'flow';
  if (windowed && !rule.window && !(rule.type === 'flow' && rule.op === 'inside')) {
    offers.push({
      label: t`When…`,
      slot: 'window',
      next: { ...rule, window: { last: 'P30D' } },
    });
  }
  if (rule.type === 'field' && !rule.for && rule.field) {
    offers.push({ label: t`Unchanged for…`, slot: 'for', next: { ...rule, for: 'P14D' } });
  }
  return offers;
}

interface MoreDetailProps {
  rule: Condition;
  path: RulePath;
  open: boolean;
}

export function MoreDetail({ rule, path, open }: MoreDetailProps) {
  const builder = useBuilder();
  const toggle = useToggle(path, 'more', open);
  const offers = offersFor(rule);
  if (offers.length === 0) return null;
  return (
    <span className={classes.holder}>
      <button
        type="button"
        id={`${builder.id}-${editorId(path, 'more')}`}
        className={classes.addDetail}
        aria-label={t`Say more about this condition`}
        aria-haspopup="menu"
        aria-expanded={open}
        {...toggle}
      >
        <IconPlus size={13} aria-hidden />
      </button>
      {open && (
        <Menu
          opened
          onChange={(opened) => {
            const still = builder.store.getState().open === editorId(path, 'more');
            if (!opened && still) builder.setOpen(null);
          }}
          position="bottom-start"
          shadow="md"
          width={220}
          returnFocus={false}
          closeOnItemClick={false}
          transitionProps={{ duration: 0 }}
        >
          <Menu.Target>
            <span className={classes.anchor} aria-hidden />
          </Menu.Target>
          <Menu.Dropdown>
            {offers.map((offer) => (
              <Menu.Item
                key={offer.label}
                onClick={() => {
                  builder.change(replaceAt(builder.root(), path, offer.next));
                  builder.setOpen(editorId(path, offer.slot));
                }}
              >
                {offer.label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </span>
  );
}
