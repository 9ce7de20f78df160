/** Going back to an earlier version: says what that will do, asks what happens to those inside. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post, url } from '@/api/client';
import type { Flow, FlowVersion } from '@/api/types';
import { Sentence } from '@/ui/Sentence';
import { toastError } from '@/ui/toast';
import classes from './PublishDialog.module.css';
import { PublishPlan, publishBody, USUAL_CHOICE, usePublishPreview } from './PublishPlan';
import { useUndoPublishing } from './useUndoPublishing';

interface RollbackDialogProps {
  flow: Flow;
  version: FlowVersion;
  onClose: () => void;
  onDone: () => void;
}

export function RollbackDialog({ flow, version, onClose, onDone }: RollbackDialogProps) {
  const client = useQueryClient();
  const { number } = version;
  const [choice, setChoice] = useState(USUAL_CHOICE);
  const preview = usePublishPreview(
    flow.key,
    choice,
    { version: number, revision: flow.revision },
    true,
  );
  const tellAndOffer = useUndoPublishing(flow.key, choice.inside);
  const problems = preview.data?.problems ?? [];
  const back = useMutation({
    mutationFn: () =>
      post<{ version: number }>(url`/api/flows/${flow.key}/rollback/`, publishBody(choice, number)),
    onSuccess: (answer) => {
      void client.invalidateQueries({ queryKey: ['flow', flow.key] });
      void client.invalidateQueries({ queryKey: ['flows'] });
      void client.invalidateQueries({ queryKey: ['flow-versions', flow.key] });
      const words = t`Version ${number} is live again, as version ${answer.version}.`;
      tellAndOffer(words, answer.version, flow.version);
      onDone();
    },
    onError: (error) => toastError(error, t`Nothing was changed`),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        <strong>
          <Trans>Go back to version {number}</Trans>
        </strong>
      }
      size={540}
    >
      <div className={classes.words}>
        <Sentence
          text={
            preview.data
              ? t`From now on, who comes in walks the steps of **version ${number}**. It is published anew as version ${preview.data.version}; your draft stays as it is.`
              : t`From now on, who comes in walks the steps of **version ${number}**. It is published anew; your draft stays as it is.`
          }
        />
        {problems.length > 0 ? (
          <ul className={classes.changes}>
            {problems.map((problem) => (
              <li key={`${problem.node}${problem.code}${problem.detail}`}>
                <span aria-hidden>·</span>
                <span>{problem.detail}</span>
              </li>
            ))}
          </ul>
        ) : (
          <PublishPlan
            graph={version.graph}
            live={flow.version}
            preview={preview.data}
            error={preview.error}
            choice={choice}
            onChoice={setChoice}
          />
        )}
      </div>
      <Group justify="flex-end" mt="lg" gap={8}>
        <Button variant="default" onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button
          data-autofocus
          disabled={problems.length > 0}
          loading={back.isPending}
          onClick={() => back.mutate()}
        >
          <Trans>Go back</Trans>
        </Button>
      </Group>
    </Modal>
  );
}
