/** Flow templates: whole flows to begin with, by group and by search, each with its drawing. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle, IconFilterOff } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { FlowTemplate } from '@/api/types';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import { SearchInput } from '@/ui/SearchInput';
import classes from './GalleryPage.module.css';
import { useGallery } from './queries';
import { Thumbnail } from './Thumbnail';
import { broughtWords, fitting } from './words';

const SKELETONS = ['a', 'b', 'c', 'd', 'e', 'f'];

export function GalleryPage() {
  const { group = null, search = '' } = useSearch({ from: '/shell/flows/templates' });
  const navigate = useNavigate();
  const { data: templates, isPending, error, refetch } = useGallery();
  const change = (part: { group?: string | null; search?: string }) => {
    const next = { group, search, ...part };
    void navigate({
      to: '/flows/templates',
      search: {
        ...(next.group && { group: next.group }),
        ...(next.search && { search: next.search }),
      },
      replace: true,
    });
  };
  const groups = [...new Set((templates ?? []).map((template) => template.group))];
  const shown = fitting(templates ?? [], group, search);

  return (
    <Page
      title={t`Flow templates`}
      crumbs={[{ label: t`Flows`, to: '/flows' }]}
      actions={
        <SearchInput
          label={t`Search flow templates`}
          value={search}
          onSearch={(text) => change({ search: text })}
          width={220}
        />
      }
    >
      <div className={classes.page}>
        <p className={classes.lead}>
          <Trans>
            Whole flows to begin with. Each brings its segments and e-mails, asks a few questions,
            and becomes a draft that you can change as you like. Nothing is sent until you publish
            it.
          </Trans>
        </p>
        {templates && (
          <fieldset className={classes.groups} aria-label={t`Group`}>
            {[null, ...groups].map((each) => (
              <button
                key={each ?? 'all'}
                type="button"
                aria-pressed={each === group}
                className={classes.group}
                onClick={() => change({ group: each })}
              >
                {each ?? t`All`}
                <span>{fitting(templates, each, search).length}</span>
              </button>
            ))}
          </fieldset>
        )}
        {error ? (
          <EmptyState
            compact
            tone="bad"
            icon={<IconAlertTriangle size={22} />}
            title={t`The templates could not be loaded`}
            text={error.message}
            action={
              <Button onClick={() => void refetch()}>
                <Trans>Try again</Trans>
              </Button>
            }
          />
        ) : isPending ? (
          <div className={classes.cards} aria-busy="true">
            {SKELETONS.map((each) => (
              <Skeleton key={each} height={258} radius={12} />
            ))}
          </div>
        ) : shown.length > 0 ? (
          <ul className={classes.cards} aria-label={t`Flow templates`}>
            {shown.map((template) => (
              <li key={template.key}>
                <Card template={template} />
              </li>
            ))}
          </ul>
        ) : (
          <EmptyState
            compact
            icon={<IconFilterOff size={22} />}
            title={t`No template like that`}
            text={t`Try another word, or draw the flow yourself.`}
            action={
              <Button variant="default" onClick={() => change({ group: null, search: '' })}>
                <Trans>Show all templates</Trans>
              </Button>
            }
          />
        )}
      </div>
    </Page>
  );
}

function Card({ template }: { template: FlowTemplate }) {
  const { key, name, group, summary, graph, steps } = template;
  return (
    <div className={classes.card}>
      <div className={classes.picture}>
        <Thumbnail graph={graph} steps={steps} />
      </div>
      <div className={classes.words}>
        <Link to="/flows/templates/$template" params={{ template: key }} className={classes.name}>
          {name}
        </Link>
        <p className={classes.summary}>{summary}</p>
        <div className={classes.facts}>
          <span>{group}</span>
          <span>{broughtWords(template)}</span>
        </div>
      </div>
    </div>
  );
}
