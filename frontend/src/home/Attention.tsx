/** What needs attention, each thing with the way to its place; or that nothing does. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconChevronRight, IconCircleCheck } from '@tabler/icons-react';
import { defaultParseSearch, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { TimeAgo } from '@/ui/TimeAgo';
import classes from './Attention.module.css';
import type { Concern } from './attention';
import page from './Home.module.css';

/** More than this push what runs out of sight; the rest is shown when asked for. */
const SHOWN = 5;

interface AttentionProps {
  concerns: readonly Concern[];
  /** False until it is known whether there are any. */
  known: boolean;
}

export function Attention({ concerns, known }: AttentionProps) {
  const [all, setAll] = useState(false);
  if (concerns.length === 0) {
    if (!known) return null;
    return (
      <p className={classes.calm} role="status">
        <Trans>
          <IconCircleCheck size={16} aria-hidden /> Nothing needs your attention.
        </Trans>
      </p>
    );
  }
  const shown = all ? concerns : concerns.slice(0, SHOWN);
  return (
    <section aria-labelledby="attention">
      <h2 id="attention" className={page.title}>
        <Trans>Needs attention</Trans>
      </h2>
      <ul className={classes.concerns}>
        {shown.map((concern) => (
          <li key={concern.id}>
            <Place to={concern.to} tone={concern.tone}>
              <IconAlertTriangle size={16} aria-hidden />
              <span className={classes.words}>
                <strong>{concern.title}</strong>
                <span>{concern.text}</span>
              </span>
              {concern.since && (
                <span className={classes.since}>
                  <TimeAgo at={concern.since} />
                </span>
              )}
              <IconChevronRight size={15} className={classes.go} aria-hidden />
            </Place>
          </li>
        ))}
      </ul>
      {concerns.length > SHOWN && (
        <Button variant="subtle" size="compact-sm" mt={6} onClick={() => setAll(!all)}>
          {all
            ? t`Fewer`
            : `${plural(concerns.length - SHOWN, { one: '# more thing', other: '# more things' })}`}
        </Button>
      )}
    </section>
  );
}

/** A link to an address that the server gave as one text. */
function Place({
  to,
  tone,
  children,
}: {
  to: string;
  tone: Concern['tone'];
  children: React.ReactNode;
}) {
  const [path = '/', search = ''] = to.split('?');
  return (
    <Link
      to={path}
      search={defaultParseSearch(search)}
      className={classes.concern}
      data-tone={tone}
    >
      {children}
    </Link>
  );
}
