/** What takes a person out of the flow wherever they are: an event, a segment joined or left. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, Select } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { ExitWhen, JsonObject } from '@/api/types';
import { EventPicker, SegmentPicker } from '@/nodes/fields/pickers';
import { WhereField } from '@/nodes/fields/WhereField';
import { Sentence } from '@/ui/Sentence';
import classes from './Inspector.module.css';

interface ExitConditionsProps {
  value: ExitWhen[];
  onChange: (value: ExitWhen[]) => void;
  /** What is wrong with one of them, by its place. */
  faultOf: (place: number) => string | undefined;
  readOnly: boolean;
}

const KINDS = [
  { value: 'event', label: t`An event comes in` },
  { value: 'segment_entered', label: t`A segment is joined` },
  { value: 'segment_left', label: t`A segment is left` },
];

export function ExitConditions({ value, onChange, faultOf, readOnly }: ExitConditionsProps) {
  // The one that was just added: whoever did goes on by saying what it is.
  const [added, setAdded] = useState<number | null>(null);
  const change = (at: number, next: ExitWhen) =>
    onChange(value.map((each, place) => (place === at ? next : each)));
  return (
    <>
      {value.length === 0 && (
        <Sentence size="text" text={t`Nothing takes people out before their steps end.`} />
      )}
      {value.length > 0 && (
        <Sentence
          size="text"
          text={
            value.length > 1
              ? t`Wherever they are, people leave **at once** when **any** of these happens:`
              : t`Wherever they are, people leave **at once** when this happens:`
          }
        />
      )}
      {value.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no other name and do not move
        <div key={at} className={classes.condition}>
          <div>
            <Select
              aria-label={t`Leave when`}
              data={KINDS}
              value={each.type}
              allowDeselect={false}
              readOnly={readOnly}
              onChange={(type) =>
                change(
                  at,
                  type === 'event'
                    ? { type: 'event', name: '' }
                    : { type: type as 'segment_entered' | 'segment_left', segment: '' },
                )
              }
            />
          </div>
          {!readOnly && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t`Remove this`}
              onClick={() => onChange(value.filter((_, place) => place !== at))}
            >
              <IconX size={14} />
            </ActionIcon>
          )}
          {each.type === 'event' ? (
            <div className={classes.section}>
              <EventPicker
                label=""
                autoFocus={added === at}
                value={each.name}
                error={faultOf(at)}
                readOnly={readOnly}
                onChange={(name) => change(at, { ...each, name: name ?? '' })}
              />
              <WhereField
                event={each.name}
                value={each.where}
                readOnly={readOnly}
                onChange={(where: JsonObject[] | undefined) =>
                  change(at, { type: 'event', name: each.name, ...(where && { where }) })
                }
              />
            </div>
          ) : (
            <div>
              <SegmentPicker
                label=""
                value={each.segment || undefined}
                error={faultOf(at)}
                readOnly={readOnly}
                onChange={(segment) => change(at, { type: each.type, segment: segment ?? '' })}
              />
            </div>
          )}
        </div>
      ))}
      {!readOnly && (
        <Button
          variant="subtle"
          size="compact-xs"
          justify="flex-start"
          w="fit-content"
          leftSection={<IconPlus size={13} />}
          onClick={() => {
            setAdded(value.length);
            onChange([...value, { type: 'event', name: '' }]);
          }}
        >
          <Trans>Way out</Trans>
        </Button>
      )}
    </>
  );
}
