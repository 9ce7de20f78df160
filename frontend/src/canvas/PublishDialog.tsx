/** Says in words what publishing the draft will do, asks what happens to those inside, does it. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { post, url } from '@/api/client';
import type { Flow } from '@/api/types';
import { reentryWords } from '@/model/settingsWords';
import { Sentence } from '@/ui/Sentence';
import { toastError } from '@/ui/toast';
import { useCanvas, useCanvasState } from './context';
import { FaultsList } from './FaultsList';
import classes from './PublishDialog.module.css';
import { PublishPlan, publishBody, USUAL_CHOICE, usePublishPreview } from './PublishPlan';
import { useTitleOf } from './useTitles';
import { useUndoPublishing } from './useUndoPublishing';

export interface PublishDialogProps {
  flow: Flow;
  opened: boolean;
  flush: () => Promise<void>;
  onClose: () => void;
  onPublished: () => void;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

export function PublishDialog({ flow, opened, flush, onClose, onPublished }: PublishDialogProps) {
  const { store, types } = useCanvas();
  const client = useQueryClient();
  const titleOf = useTitleOf();
  const graph = useCanvasState((state) => state.graph);
  const settings = useCanvasState((state) => state.settings);
  const problems = useCanvasState((state) => state.problems);
  const [choice, setChoice] = useState(USUAL_CHOICE);

  // What is said is said of the saved draft.
  const saved = useQuery({
    queryKey: ['flow-flushed', flow.key, graph, settings],
    queryFn: async () => {
      await flush();
      return true;
    },
    enabled: opened,
    gcTime: 0,
    retry: false,
  });
  const preview = usePublishPreview(
    flow.key,
    choice,
    { revision: flow.revision },
    opened && saved.isSuccess && problems.length === 0,
  );

  const before = useRef<number | null>(null);
  const tellAndOffer = useUndoPublishing(flow.key, choice.inside);
  const publish = useMutation({
    mutationFn: async () => {
      await flush();
      before.current = flow.version;
      return post<{ version: number }>(url`/api/flows/${flow.key}/publish/`, publishBody(choice));
    },
    onSuccess: async ({ version }) => {
      await client.invalidateQueries({ queryKey: ['flow', flow.key] });
      void client.invalidateQueries({ queryKey: ['flows'] });
      void client.invalidateQueries({ queryKey: ['flow-versions', flow.key] });
      const words = t`Version ${version} of ${store.getState().name} is live.`;
      tellAndOffer(words, version, before.current);
      setChoice(USUAL_CHOICE);
      onPublished();
    },
    onError: async (error) => {
      toastError(error, t`Not published`);
      const fresh = await client.fetchQuery<Flow>({ queryKey: ['flow', flow.key], staleTime: 0 });
      store.getState().takeProblems(fresh.problems);
    },
  });

  const next = preview.data?.version ?? (flow.version ?? 0) + 1;
  const triggers = graph.nodes
    .filter((node) => types.get(node.type)?.group === 'trigger')
    .map((node) => lower(titleOf(node)));

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={
        <strong>
          {problems.length > 0 ? t`Not ready to publish` : t`Publish version ${next}`}
        </strong>
      }
      size={540}
    >
      {problems.length > 0 ? (
        <>
          <Sentence
            size="text"
            text={plural(problems.length, {
              one: 'There is # thing to mend first.',
              other: 'There are # things to mend first.',
            })}
          />
          <div className={classes.faults}>
            <FaultsList onJump={onClose} />
          </div>
        </>
      ) : (
        <div className={classes.words}>
          <Sentence
            text={
              triggers.length > 0
                ? t`From now on, whoever **${triggers.join('** or **')}** comes into this flow. ${reentryWords(settings.reentry)}`
                : t`Nobody comes in by itself.`
            }
          />
          <PublishPlan
            graph={graph}
            live={flow.version}
            preview={preview.data}
            error={preview.error ?? saved.error}
            choice={choice}
            onChoice={setChoice}
          />
        </div>
      )}
      <Group justify="flex-end" mt="lg" gap={8}>
        <Button variant="default" onClick={onClose}>
          {problems.length > 0 ? t`Close` : t`Cancel`}
        </Button>
        {problems.length === 0 && (
          <Button data-autofocus loading={publish.isPending} onClick={() => publish.mutate()}>
            <Trans>Publish</Trans>
          </Button>
        )}
      </Group>
    </Modal>
  );
}
