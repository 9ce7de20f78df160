/** Everything that is set once and looked at seldom. */
import { t } from '@lingui/core/macro';
import { Link, useSearch } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { Page } from '@/ui/Page';
import { FieldsSection } from './FieldsSection';
import { JobsSection } from './JobsSection';
import { KeepSection } from './KeepSection';
import { KeysSection } from './KeysSection';
import { NamingSection } from './NamingSection';
import { PeopleSection } from './PeopleSection';
import { RejectedSection } from './RejectedSection';
import { ScoringSection } from './ScoringSection';
import { SendingSection } from './SendingSection';
import classes from './Settings.module.css';
import { SourcesSection } from './SourcesSection';
import { TopicsSection } from './TopicsSection';
import { WorkspaceSection } from './WorkspaceSection';

const GROUPS: { title: string; sections: { tab: string; name: string; show: ComponentType }[] }[] =
  [
    {
      title: t`Data`,
      sections: [
        { tab: 'sources', name: t`Sources`, show: SourcesSection },
        { tab: 'fields', name: t`Fields`, show: FieldsSection },
        { tab: 'topics', name: t`Topics`, show: TopicsSection },
        { tab: 'scoring', name: t`Scoring`, show: ScoringSection },
        { tab: 'rejected', name: t`Rejected messages`, show: RejectedSection },
      ],
    },
    {
      title: t`Workspace`,
      sections: [
        { tab: 'workspace', name: t`Workspace`, show: WorkspaceSection },
        { tab: 'sending', name: t`Slack and webhooks`, show: SendingSection },
        { tab: 'keep', name: t`How long things are kept`, show: KeepSection },
        { tab: 'naming', name: t`Names of segments`, show: NamingSection },
        { tab: 'people', name: t`People and roles`, show: PeopleSection },
        { tab: 'keys', name: t`API keys`, show: KeysSection },
        { tab: 'jobs', name: t`Jobs`, show: JobsSection },
      ],
    },
  ];

const SECTIONS = GROUPS.flatMap((group) => group.sections);

export function SettingsPage() {
  const { tab } = useSearch({ from: '/shell/settings' });
  const section = SECTIONS.find((each) => each.tab === tab) ?? SECTIONS[0];
  if (!section) return null;
  const Section = section.show;
  return (
    <Page title={section.name} crumbs={[{ label: t`Settings`, to: '/settings' }]}>
      <div className={classes.layout}>
        <nav aria-label={t`Settings`} className={classes.nav}>
          {GROUPS.map((group) => (
            <div key={group.title}>
              <h2>{group.title}</h2>
              {group.sections.map((each) => (
                <Link
                  key={each.tab}
                  to="/settings"
                  search={{ tab: each.tab }}
                  className={classes.place}
                  aria-current={each === section ? 'page' : undefined}
                >
                  {each.name}
                </Link>
              ))}
            </div>
          ))}
        </nav>
        <div className={classes.section}>
          <Section />
        </div>
      </div>
    </Page>
  );
}
