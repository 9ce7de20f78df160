/** One flow template: its drawing, what it does and brings, its questions, and using it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { TextInput } from '@mantine/core';
import {
  IconBulb,
  IconDoorExit,
  IconFlag,
  IconForms,
  IconLogin2,
  IconMail,
  IconTarget,
} from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ApiError } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import type { FlowTemplate } from '@/api/types';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton } from '@/ui/GuardedButton';
import { Page } from '@/ui/Page';
import { AskField } from './AskField';
import { Drawing } from './Drawing';
import { useGallery, useTemplate } from './queries';
import classes from './TemplatePage.module.css';
import { type Answers, piecesOf, usualAnswers } from './words';

const CRUMBS = [
  { label: t`Flows`, to: '/flows' },
  { label: t`Templates`, to: '/flows/templates' },
];

export function TemplatePage() {
  const { template: key } = useParams({ from: '/shell/flows/templates/$template' });
  const { data: templates, isPending, error } = useGallery();
  const template = templates?.find((each) => each.key === key);
  return (
    <Page title={template?.name ?? t`Flow template`} crumbs={CRUMBS} flush>
      {template ? (
        <Details key={template.key} template={template} />
      ) : isPending ? (
        <div className={classes.details} aria-busy="true" />
      ) : (
        <EmptyState
          title={error ? t`The template could not be loaded` : t`There is no such template`}
          text={error ? error.message : t`It may have another name by now.`}
        />
      )}
    </Page>
  );
}

function Details({ template }: { template: FlowTemplate }) {
  const canEdit = useCanEdit();
  const [answers, setAnswers] = useState<Answers>(() => usualAnswers(template.asks));
  /** What the flow is called, once somebody has said so. */
  const [name, setName] = useState<string | null>(null);
  const use = useTemplate(template);
  const refused = use.error instanceof ApiError ? use.error : null;
  const placed = template.asks.some((ask) => refused?.at(`answers.${ask.key}`));
  const set = (key: string, value: string | number | undefined) =>
    setAnswers(({ [key]: _before, ...others }) =>
      value === undefined ? others : { ...others, [key]: value },
    );
  const say = (words: string) => <Words words={words} template={template} answers={answers} />;

  return (
    <div className={classes.details}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section className={classes.canvas} aria-label={t`The flow`} tabIndex={0}>
        <Drawing template={template} />
      </section>
      <form
        className={classes.panel}
        aria-label={t`Use this template`}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (canEdit && !use.isPending) {
            use.mutate({ name: name ?? '', answers: sent(template, answers) });
          }
        }}
      >
        <div className={classes.body}>
          <p className={classes.description}>{template.description}</p>
          <dl className={classes.facts}>
            <Fact icon={<IconLogin2 size={15} />} term={t`Who comes in`}>
              {say(template.enters_words)}
            </Fact>
            <Fact icon={<IconDoorExit size={15} />} term={t`What stops it`}>
              {say(template.stops_words)}
            </Fact>
            <Fact icon={<IconFlag size={15} />} term={t`What counts as the goal`}>
              {say(template.goal_words)}
            </Fact>
          </dl>
          {template.hint && (
            <p className={classes.hint}>
              <IconBulb size={15} aria-hidden /> {template.hint}
            </p>
          )}
          <h2 className={classes.heading}>
            <Trans>Fit it to your workspace</Trans>
          </h2>
          <div className={classes.asks}>
            {template.asks.map((ask) => (
              <AskField
                key={ask.key}
                ask={ask}
                value={answers[ask.key]}
                onChange={(value) => set(ask.key, value)}
                error={refused?.at(`answers.${ask.key}`)}
                readOnly={!canEdit}
              />
            ))}
            <TextInput
              size="xs"
              label={t`Name of the flow`}
              value={name ?? usualName(template, answers)}
              readOnly={!canEdit}
              maxLength={120}
              error={refused?.at('name')}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </div>
          <Brings template={template} />
        </div>
        <div className={classes.foot}>
          {use.error && !placed && !refused?.at('name') && (
            <p className={classes.refused} role="alert">
              {refused?.message ?? t`Something went wrong here. Try again.`}
            </p>
          )}
          {placed && (
            <p className={classes.refused} role="alert">
              <Trans>Some answers cannot be used yet: see above.</Trans>
            </p>
          )}
          <GuardedButton type="submit" fullWidth size="sm" loading={use.isPending}>
            <Trans>Use this template</Trans>
          </GuardedButton>
          <p className={classes.promise}>
            <Trans>Makes a draft. Nobody enters and nothing is sent until you publish it.</Trans>
          </p>
        </div>
      </form>
    </div>
  );
}

/** What the flow is called where nobody says otherwise: "Interest in tents". */
const usualName = ({ flow_name, asks }: FlowTemplate, answers: Answers): string =>
  piecesOf(flow_name, asks, answers)
    .map(({ text }) => text)
    .join('');

/** Every answer, those taken back as empty ones: the server must not put its own in their place. */
function sent(template: FlowTemplate, answers: Answers): Answers {
  return Object.fromEntries(template.asks.map(({ key }) => [key, answers[key] ?? '']));
}

function Words(props: { words: string; template: FlowTemplate; answers: Answers }) {
  const pieces = piecesOf(props.words, props.template.asks, props.answers);
  return pieces.map(({ text, kind }, index) =>
    kind === 'plain' ? (
      text
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence have no other name
      <strong key={index} data-open={kind === 'open' || undefined}>
        {text}
      </strong>
    ),
  );
}

function Fact({ icon, term, children }: { icon: ReactNode; term: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        <span aria-hidden>{icon}</span> {term}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function Brings({ template }: { template: FlowTemplate }) {
  const { segments, templates, topics, fields } = template.brings;
  return (
    <>
      <h2 className={classes.heading}>
        <Trans>What it brings</Trans>
      </h2>
      <ul className={classes.brings}>
        {templates.map((mail) => (
          <li key={`mail:${mail.key}`}>
            <IconMail size={15} aria-label={t`E-mail`} />
            <span>
              <strong>{mail.name}</strong>
              <small>{mail.subject}</small>
            </span>
          </li>
        ))}
        {segments.map((segment) => (
          <li key={`segment:${segment.key}`}>
            <IconTarget size={15} aria-label={t`Segment`} />
            <span>
              <strong>{segment.name}</strong>
              <small>{segment.sentence}</small>
            </span>
          </li>
        ))}
        {(topics.length > 0 || fields.length > 0) && (
          <li>
            <IconForms size={15} aria-label={t`Topics and fields`} />
            <span>
              <strong>{topics.map((topic) => t`Topic “${topic.name}”`).join(', ')}</strong>
              {fields.length > 0 && (
                <small>
                  <Trans>Uses the field {fields.map((field) => field.key).join(', ')}</Trans>
                </small>
              )}
            </span>
          </li>
        )}
      </ul>
      <p className={classes.reuse}>
        <Trans>What you have already, to the letter, is used again.</Trans>
      </p>
    </>
  );
}
