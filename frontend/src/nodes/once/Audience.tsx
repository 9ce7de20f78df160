/** How many people several segments come to, counted by the server while they are being chosen. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Loader } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { post } from '@/api/client';
import type { Sent } from '@/api/types';
import { contactName } from '@/ui/contact';
import { number } from '@/ui/format';
import classes from './Audience.module.css';

type Counted = Sent<'Audience'>;

interface AudienceProps {
  include: string[];
  exclude: string[];
}

const NAMED = 3;

export function Audience({ include, exclude }: AudienceProps) {
  const [asked] = useDebouncedValue(JSON.stringify({ include, exclude }), 250);
  const { data, error, isFetching } = useQuery({
    queryKey: ['audience', asked],
    queryFn: ({ signal }) =>
      post<Counted>('/api/segments/audience/', JSON.parse(asked) as object, signal),
    enabled: include.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 15_000,
    retry: false,
  });
  if (include.length === 0) return null;
  if (error) {
    return (
      <p className={classes.audience} role="status" data-bad>
        {error.message}
      </p>
    );
  }
  return (
    <div className={classes.audience} role="status" aria-busy={isFetching || undefined}>
      {data ? (
        <>
          <p className={classes.number}>
            <Trans>
              <strong>{number(data.people)}</strong> {data.people === 1 ? t`person` : t`people`} now
              {isFetching && <Loader size={12} />}
            </Trans>
          </p>
          <p className={classes.about}>{aboutWords(data)}</p>
        </>
      ) : (
        <p className={classes.about}>
          <Trans>Counting…</Trans>
        </p>
      )}
    </div>
  );
}

function aboutWords({ people, duplicates, without_key, sample }: Counted): string {
  const shown = sample.slice(0, NAMED).map((contact) => contactName(contact));
  const others = people - shown.length;
  const who =
    others > 0 ? t`${shown.join(', ')} and ${number(others)} more` : shown.join(', ').trim();
  return [
    shown.length > 0 && `${who}.`,
    duplicates > 0 &&
      plural(duplicates, {
        one: '# contact is the same person as another and is left out.',
        other: '# contacts are the same person as another and are left out.',
      }),
    without_key > 0 &&
      plural(without_key, {
        one: '# contact has nothing to tell them from others by, and is left out.',
        other: '# contacts have nothing to tell them from others by, and are left out.',
      }),
    people === 0 && t`Nobody would come in.`,
  ]
    .filter(Boolean)
    .join(' ');
}
