/** What to do first in an empty workspace. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import {
  IconCheck,
  IconFileImport,
  IconPlugConnected,
  IconRoute,
  IconTarget,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { get } from '@/api/client';
import { useSegments } from '@/api/queries';
import type { ContactRef, CursorPage } from '@/api/types';
import classes from './FirstSteps.module.css';
import page from './Home.module.css';

export function FirstSteps() {
  const { data: segments = [] } = useSegments();
  const { data: contacts } = useQuery({
    queryKey: ['contacts', 'any'],
    queryFn: () => get<CursorPage<ContactRef>>('/api/contacts/', { limit: 1 }),
  });
  const steps = [
    {
      title: t`Send data in`,
      text: t`Make a source and paste its few lines into your site or server.`,
      to: '/settings',
      search: { tab: 'sources' },
      icon: IconPlugConnected,
      done: (contacts?.results.length ?? 0) > 0,
    },
    {
      title: t`Or bring your contacts`,
      text: t`Import a file of the people you know already; .`,
      to: '/contacts/import',
      search: {},
      icon: IconFileImport,
      done: false,
    },
    {
      title: t`Say who`,
      text: t`Build a segment: who left a cart, whose trial ends, who buys most.`,
      to: '/segments',
      search: {},
      icon: IconTarget,
      done: segments.length > 0,
    },
    {
      title: t`Draw what happens to them`,
      text: t`Begin with a template or an empty canvas, publish, and watch people move.`,
      to: '/flows/templates',
      search: {},
      icon: IconRoute,
      done: false,
    },
  ];
  return (
    <section aria-labelledby="first">
      <h2 id="first" className={page.title}>
        <Trans>No flow runs yet: the first five minutes</Trans>
      </h2>
      <ol className={classes.steps}>
        {steps.map((step) => (
          <li key={step.title}>
            <Link to={step.to} search={step.search} className={classes.step}>
              <span className={classes.stepIcon} data-done={step.done || undefined}>
                {step.done ? <IconCheck size={18} /> : <step.icon size={18} stroke={1.7} />}
              </span>
              <strong>{step.title}</strong>
              <span>{step.text}</span>
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}
