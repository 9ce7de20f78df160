/** Says in words what publishing will do, asks what happens to those inside, and does it. */
import { Button, Group, Modal, Radio } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post, url } from '@/api/client';
import type { Flow } from '@/api/types';
import { diffGraphs, diffWords } from '@/model/diff';
import { reentryWords } from '@/model/settingsWords';
import { kindOf } from '@/nodes/registry';
import { plural } from '@/ui/format';
import { Sentence } from '@/ui/Sentence';
import { toast, toastError } from '@/ui/toast';
import { useCanvas, useCanvasState } from './context';
import { FaultsList } from './FaultsList';
import { MoveChoices, type Moves, useRemoved } from './MoveChoices';
import classes from './PublishDialog.module.css';

export interface PublishDialogProps {
  flow: Flow;
  inside: number;
  opened: boolean;
  flush: () => Promise<void>;
  onClose: () => void;
  onPublished: () => void;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

export function PublishDialog({
  flow,
  inside,
  opened,
  flush,
  onClose,
  onPublished,
}: PublishDialogProps) {
  const { names, store, types } = useCanvas();
  const client = useQueryClient();
  const graph = useCanvasState((state) => state.graph);
  const settings = useCanvasState((state) => state.settings);
  const problems = useCanvasState((state) => state.problems);
  const [what, setWhat] = useState<'stay' | 'move'>('stay');
  const [moves, setMoves] = useState<Moves>({});
  const removed = useRemoved();

  const publish = useMutation({
    mutationFn: async () => {
      await flush();
      return post<{ version: number }>(url`/api/flows/${flow.key}/publish/`, {
        inside: what,
        ...(what === 'move' && { moves }),
      });
    },
    onSuccess: async ({ version }) => {
      await client.invalidateQueries({ queryKey: ['flow', flow.key] });
      void client.invalidateQueries({ queryKey: ['flows'] });
      void client.invalidateQueries({ queryKey: ['flow-versions', flow.key] });
      toast(`Version ${version} of ${store.getState().name} is live.`);
      onPublished();
    },
    onError: async (error) => {
      toastError(error, 'Not published');
      const fresh = await client.fetchQuery<Flow>({ queryKey: ['flow', flow.key], staleTime: 0 });
      store.getState().takeProblems(fresh.problems);
    },
  });

  const next = (flow.version ?? 0) + 1;
  const triggers = graph.nodes
    .filter((node) => types.get(node.type)?.group === 'trigger')
    .map((node) => lower(kindOf(node.type).words(node.config, names).title || node.type));
  const changes =
    flow.live_graph && flow.live_settings
      ? diffWords(
          diffGraphs({ graph: flow.live_graph, settings: flow.live_settings }, { graph, settings }),
        )
      : null;

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={
        <strong>{problems.length > 0 ? 'Not ready to publish' : `Publish version ${next}`}</strong>
      }
      size={500}
    >
      {problems.length > 0 ? (
        <>
          <Sentence
            size="text"
            text={`There ${problems.length === 1 ? 'is' : 'are'} ${plural(problems.length, 'thing')} to mend first.`}
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
                ? `From now on, whoever **${triggers.join('** or **')}** comes into this flow. ${reentryWords(settings.reentry)}`
                : 'Nobody comes in by itself.'
            }
          />
          {flow.version !== null && (
            <Sentence
              size="text"
              text={
                changes
                  ? `Against version ${flow.version}: **${changes}**.`
                  : `Nothing differs from version ${flow.version}.`
              }
            />
          )}
          {inside > 0 && (
            <Radio.Group
              label={`${plural(inside, 'person is', 'people are')} inside now. They`}
              value={what}
              onChange={(value) => setWhat(value === 'move' ? 'move' : 'stay')}
              classNames={{ label: classes.legend }}
            >
              <div className={classes.choices}>
                <Radio
                  value="stay"
                  label="stay on their version"
                  description="They finish the steps as they were when they came in."
                />
                <Radio
                  value="move"
                  label="move to the new version"
                  description="Who is at a step that still exists goes on from there; waits keep counting from the arrival."
                />
                {what === 'move' && removed.length > 0 && (
                  <MoveChoices flow={flow} moves={moves} onChange={setMoves} />
                )}
              </div>
            </Radio.Group>
          )}
        </div>
      )}
      <Group justify="flex-end" mt="lg" gap={8}>
        <Button variant="default" onClick={onClose}>
          {problems.length > 0 ? 'Close' : 'Cancel'}
        </Button>
        {problems.length === 0 && (
          <Button data-autofocus loading={publish.isPending} onClick={() => publish.mutate()}>
            Publish
          </Button>
        )}
      </Group>
    </Modal>
  );
}
