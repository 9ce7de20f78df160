/** Writing a template: subject, preheader, HTML and text with Liquid; the preview beside it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Loader, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { lazy, Suspense, useRef, useState } from 'react';
import { ApiError, patch, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import type { Template } from '@/api/types';
import { GuardedButton } from '@/ui/GuardedButton';
import { Page } from '@/ui/Page';
import { toast, toastError } from '@/ui/toast';
import type { CodeEditorHandle } from './CodeEditor';
import { InsertField } from './InsertField';
import classes from './Messages.module.css';
import { TemplatePreviewPane } from './TemplatePreviewPane';

const CodeEditor = lazy(() => import('./CodeEditor'));

export type TemplateDraft = Pick<Template, 'name' | 'subject' | 'preheader' | 'html' | 'text'>;

const draftOf = ({ name, subject, preheader, html, text }: Template): TemplateDraft => ({
  name,
  subject,
  preheader,
  html,
  text,
});

type Focus = 'subject' | 'preheader' | 'body';

export function TemplateEditor({ template }: { template: Template }) {
  const canEdit = useCanEdit();
  const client = useQueryClient();
  const [saved, setSaved] = useState(() => draftOf(template));
  const [draft, setDraft] = useState(saved);
  const [part, setPart] = useState<'html' | 'text'>('html');
  const editor = useRef<CodeEditorHandle>(null);
  const inputs = {
    subject: useRef<HTMLInputElement>(null),
    preheader: useRef<HTMLInputElement>(null),
  };
  const focus = useRef<Focus>('body');
  const changed = JSON.stringify(draft) !== JSON.stringify(saved);
  const change = (next: Partial<TemplateDraft>) => setDraft((before) => ({ ...before, ...next }));

  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      changed &&
      current.pathname !== next.pathname &&
      !window.confirm(t`Leave without saving the changes to this template?`),
    enableBeforeUnload: changed,
  });

  const save = useMutation({
    mutationFn: (body: TemplateDraft) =>
      patch<Template>(url`/api/templates/${template.key}/`, body),
    onSuccess: (answer, body) => {
      setSaved(body);
      client.setQueryData(['template', template.key], answer);
      void client.invalidateQueries({ queryKey: ['templates'] });
      toast(t`Saved. Flows use it from now on.`);
    },
    onError: (error) => toastError(error, t`The template was not saved`),
  });
  const refusal = save.error instanceof ApiError ? save.error : null;

  const insert = (text: string) => {
    const at = focus.current;
    const input = at === 'body' ? null : inputs[at].current;
    if (at === 'body' || !input) {
      editor.current?.insert(text);
      return;
    }
    const from = input.selectionStart ?? draft[at].length;
    const to = input.selectionEnd ?? from;
    change({ [at]: draft[at].slice(0, from) + text + draft[at].slice(to) });
    input.focus();
  };

  return (
    <Page
      title={draft.name || template.name}
      crumbs={[{ label: t`Templates`, to: '/templates' }]}
      titleSlot={
        canEdit ? (
          <input
            className={classes.titleInput}
            aria-label={t`Name of the template`}
            maxLength={200}
            value={draft.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
        ) : undefined
      }
      flush
      actions={
        <>
          {changed && (
            <Button variant="default" onClick={() => setDraft(saved)}>
              <Trans>Undo changes</Trans>
            </Button>
          )}
          <GuardedButton
            because={changed ? null : t`Nothing has been changed.`}
            loading={save.isPending}
            onClick={() => save.mutate(draft)}
          >
            <Trans>Save</Trans>
          </GuardedButton>
        </>
      }
    >
      <div className={classes.editor}>
        <section className={classes.write} aria-label={t`What the e-mail says`}>
          <div className={classes.lines}>
            <TextInput
              ref={inputs.subject}
              label={t`Subject`}
              readOnly={!canEdit}
              value={draft.subject}
              error={refusal?.at('subject')}
              onFocus={() => {
                focus.current = 'subject';
              }}
              onChange={(event) => change({ subject: event.currentTarget.value })}
            />
            <TextInput
              ref={inputs.preheader}
              label={t`Preheader`}
              placeholder={t`The line that inboxes show after the subject`}
              readOnly={!canEdit}
              value={draft.preheader}
              error={refusal?.at('preheader')}
              onFocus={() => {
                focus.current = 'preheader';
              }}
              onChange={(event) => change({ preheader: event.currentTarget.value })}
            />
          </div>
          <div className={classes.bar}>
            <SegmentedControl
              aria-label={t`Part of the e-mail`}
              size="xs"
              value={part}
              onChange={(next) => {
                focus.current = 'body';
                setPart(next === 'text' ? 'text' : 'html');
              }}
              data={[
                { value: 'html', label: t`HTML` },
                { value: 'text', label: t`Text` },
              ]}
            />
            {canEdit && <InsertField onInsert={insert} />}
          </div>
          <div className={classes.body}>
            <Suspense fallback={<Loader size="sm" m={24} />}>
              <CodeEditor
                key={part}
                ref={editor}
                label={part === 'html' ? t`HTML of the e-mail` : t`Text of the e-mail`}
                language={part}
                readOnly={!canEdit}
                value={draft[part]}
                onFocus={() => {
                  focus.current = 'body';
                }}
                onChange={(value) => change({ [part]: value })}
              />
            </Suspense>
          </div>
        </section>
        <TemplatePreviewPane template={template.key} draft={draft} part={part} />
      </div>
    </Page>
  );
}
