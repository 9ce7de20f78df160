/**
 * What publishing an edition will do, in words: what changes, who comes in at once, what happens
 * to those inside, what falls due. The choices stand where they are spoken of.
 */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Alert, Loader, Radio, Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { post, url } from '@/api/client';
import type { FlowDiff, Graph, PublishPreview } from '@/api/types';
import { durationWords } from '@/model/duration';
import { diffLines } from '@/model/overlay';
import {
  insideCount,
  keptPlaces,
  type Moves,
  removedPlaces,
  versionsInside,
} from '@/model/publishing';
import { shortInstant } from '@/ui/format';
import { Sentence } from '@/ui/Sentence';
import { DiffMark } from './DiffMark';
import { MoveChoices } from './MoveChoices';
import classes from './PublishDialog.module.css';

export interface PublishChoice {
  inside: 'stay' | 'move';
  moves: Moves;
  /** A duration; null: the usual. */
  spread: string | null;
}

export const USUAL_CHOICE: PublishChoice = { inside: 'stay', moves: {}, spread: null };

/** The choice as the server takes it. */
export const publishBody = ({ inside, moves, spread }: PublishChoice, version?: number) => ({
  inside,
  ...(inside === 'move' && { moves, spread }),
  ...(version !== undefined && { version }),
});

/** Asks what publishing would do; `edition` tells drafts of different revisions apart. */
export function usePublishPreview(
  key: string,
  choice: PublishChoice,
  edition: { version?: number; revision: number },
  enabled: boolean,
) {
  const body = publishBody(choice, edition.version);
  return useQuery({
    queryKey: ['publish-preview', key, edition, body],
    queryFn: ({ signal }) =>
      post<PublishPreview>(url`/api/flows/${key}/publish/preview/`, body, signal),
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
    retry: false,
  });
}

interface PublishPlanProps {
  /** The edition that is published. */
  graph: Graph;
  live: number | null;
  preview: PublishPreview | undefined;
  error: Error | null;
  choice: PublishChoice;
  onChoice: (choice: PublishChoice) => void;
}

export function PublishPlan({ graph, live, preview, error, choice, onChoice }: PublishPlanProps) {
  if (error) {
    return (
      <Alert color="red" variant="light" title={t`It cannot be said what publishing would do`}>
        {error.message}
      </Alert>
    );
  }
  if (!preview) {
    return (
      <p className={classes.looking} role="status">
        <Trans>
          <Loader size={14} /> Looking who is inside…
        </Trans>
      </p>
    );
  }
  const people = insideCount(preview.inside);
  return (
    <>
      {live !== null && <Changes diff={preview.diff} live={live} />}
      {preview.enters_now > 0 && (
        <Sentence
          size="text"
          text={plural(preview.enters_now, {
            one: '**# person** comes in at once.',
            other: '**# people** come in at once.',
          })}
        />
      )}
      {people > 0 && <Inside graph={graph} preview={preview} choice={choice} onChoice={onChoice} />}
      {people === 0 && live !== null && <Sentence size="text" text={t`Nobody is inside now.`} />}
    </>
  );
}

const SHOWN = 6;

function Changes({ diff, live }: { diff: FlowDiff; live: number }) {
  const [all, setAll] = useState(false);
  const lines = diffLines(diff);
  if (lines.length === 0) {
    return <Sentence size="text" text={t`Nothing differs from version ${live}.`} />;
  }
  return (
    <section>
      <h3 className={classes.legend}>
        <Trans>Against version {live}</Trans>
      </h3>
      <ul className={classes.changes}>
        {(all ? lines : lines.slice(0, SHOWN)).map((line) => (
          <li key={line.words}>
            <DiffMark kind={line.kind} />
            <span>{line.words}</span>
          </li>
        ))}
      </ul>
      {lines.length > SHOWN && (
        <button type="button" className={classes.more} onClick={() => setAll(!all)}>
          {all ? t`Show less` : t`And ${lines.length - SHOWN} more`}
        </button>
      )}
    </section>
  );
}

function keptWords({ people, steps }: { people: number; steps: number }): string {
  const places = plural(steps, {
    one: '# step that is still there',
    other: '# steps that are still there',
  });
  return plural(people, {
    one: `# person at ${places} goes on from there; waits keep counting from the arrival.`,
    other: `# people at ${places} go on from there; waits keep counting from the arrival.`,
  });
}

/** Who falls due by the edit; `last` is when the last of them goes on, where they are spread. */
function dueWords(due: number, exact: boolean, last: string | null): string {
  const who = exact
    ? plural(due, {
        one: '**# person** falls due by this edit and goes on',
        other: '**# people** fall due by this edit and go on',
      })
    : plural(due, {
        one: 'About **# person** falls due by this edit and goes on',
        other: 'About **# people** fall due by this edit and go on',
      });
  return last ? t`${who} little by little, the last at **${last}**.` : t`${who} at once.`;
}

interface InsideProps {
  graph: Graph;
  preview: PublishPreview;
  choice: PublishChoice;
  onChoice: (choice: PublishChoice) => void;
}

function Inside({ graph, preview, choice, onChoice }: InsideProps) {
  const people = insideCount(preview.inside);
  const versions = versionsInside(preview.inside);
  const removed = removedPlaces(preview.inside);
  const kept = keptPlaces(preview.inside);
  const one = people === 1;
  const on =
    versions.length === 1 ? t`version ${versions[0] ?? ''}` : t`versions ${versions.join(', ')}`;
  return (
    <Radio.Group
      label={plural(people, {
        one: `# person is inside now, on ${on}. This person`,
        other: `# people are inside now, on ${on}. They`,
      })}
      value={choice.inside}
      onChange={(value) => onChoice({ ...choice, inside: value === 'move' ? 'move' : 'stay' })}
      classNames={{ label: classes.legend }}
    >
      <div className={classes.choices}>
        <Radio
          value="stay"
          label={one ? t`stays on that version` : t`stay on their version`}
          description={t`The steps end as they were when the person came in.`}
        />
        <Radio
          value="move"
          label={one ? t`moves to the new version` : t`move to the new version`}
          description={
            kept.people > 0
              ? keptWords(kept)
              : t`Who is at a step that is still there goes on from there.`
          }
        />
        {choice.inside === 'move' && removed.length > 0 && (
          <MoveChoices
            graph={graph}
            removed={removed}
            moves={choice.moves}
            onChange={(moves) => onChoice({ ...choice, moves })}
          />
        )}
        {choice.inside === 'move' && preview.due_now > 0 && (
          <Due preview={preview} choice={choice} onChoice={onChoice} />
        )}
      </div>
    </Radio.Group>
  );
}

const SPREADS = ['PT1S', 'PT10M', 'PT1H', 'PT6H', 'P1D'];

/** Those whose wait is over by the edit: all at once, or little by little. */
function Due({ preview, choice, onChoice }: Omit<InsideProps, 'graph'>) {
  const { due_now: due, spread, exact } = preview;
  const usual =
    choice.spread !== null
      ? t`As usual`
      : spread
        ? t`As usual, over ${durationWords(spread.over) ?? spread.over}`
        : t`At once, since they are few`;
  return (
    <div className={classes.due}>
      <Sentence size="text" text={dueWords(due, exact, spread && shortInstant(spread.until))} />
      <Select
        aria-label={t`How they are spread`}
        data={[
          { value: '', label: usual },
          ...SPREADS.map((iso) => ({
            value: iso,
            label: iso === 'PT1S' ? t`All at once` : t`Spread over ${durationWords(iso) ?? iso}`,
          })),
        ]}
        value={choice.spread ?? ''}
        allowDeselect={false}
        comboboxProps={{ shadow: 'md' }}
        onChange={(over) => onChoice({ ...choice, spread: over || null })}
      />
    </div>
  );
}
