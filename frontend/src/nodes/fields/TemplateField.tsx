/** Choosing an e-mail, seeing it, or making a new one without leaving the canvas. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Anchor, Button, Group, Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, post, url } from '@/api/client';
import { useTemplates } from '@/api/queries';
import type { Template, TemplatePreview } from '@/api/types';
import { EmailFrame } from '@/messages/EmailFrame';
import { slug } from '@/ui/format';
import { KeyPicker } from './KeyPicker';
import classes from './TemplateField.module.css';

export interface TemplateFieldProps {
  value: string | undefined;
  onChange: (key: string | undefined) => void;
  error?: string;
  readOnly?: boolean;
}

export function TemplateField({ value, onChange, error, readOnly = false }: TemplateFieldProps) {
  const { data: templates = [] } = useTemplates();
  const [making, setMaking] = useState(false);
  const known = templates.some((template) => template.key === value);
  return (
    <div>
      <KeyPicker
        label={t`E-mail`}
        placeholder={t`Choose an e-mail`}
        none={t`No e-mail of that name`}
        value={value}
        onChange={onChange}
        options={templates.map((template) => ({ value: template.key, label: template.name }))}
        error={error}
        readOnly={readOnly}
      />
      <Group gap={12} mt={6}>
        {!readOnly && (
          <Anchor component="button" type="button" size="sm" onClick={() => setMaking(true)}>
            <Trans>New e-mail</Trans>
          </Anchor>
        )}
        {known && value && (
          <Link to="/templates/$key" params={{ key: value }} className={classes.link}>
            <Trans>Edit this e-mail</Trans>
          </Link>
        )}
      </Group>
      {known && value && <Preview template={value} />}
      <NewTemplate
        opened={making}
        onClose={() => setMaking(false)}
        onMade={(template) => {
          onChange(template.key);
          setMaking(false);
        }}
      />
    </div>
  );
}

/** The mail as it would look, in a frame that runs no script and loads nothing. */
function Preview({ template }: { template: string }) {
  const { data } = useQuery({
    queryKey: ['template-preview', template],
    queryFn: () => post<TemplatePreview>(url`/api/templates/${template}/preview/`),
    retry: false,
  });
  if (!data) return null;
  return (
    <figure className={classes.preview}>
      <figcaption>{data.subject || t`No subject`}</figcaption>
      {data.html ? (
        <div className={classes.small}>
          <EmailFrame html={data.html} width={600} />
        </div>
      ) : (
        <pre>{data.text}</pre>
      )}
    </figure>
  );
}

interface NewTemplateProps {
  opened: boolean;
  onClose: () => void;
  onMade: (template: Template) => void;
}

function NewTemplate({ opened, onClose, onMade }: NewTemplateProps) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [subject, setSubject] = useState('');
  const [text, setText] = useState('');
  const make = useMutation({
    mutationFn: () =>
      post<Template>('/api/templates/', {
        key: slug(name),
        name: name.trim(),
        subject,
        text,
        html: htmlOf(text),
        preheader: '',
      }),
    onSuccess: async (template) => {
      await client.invalidateQueries({ queryKey: ['templates'] });
      setName('');
      setSubject('');
      setText('');
      onMade(template);
    },
  });
  const refused = make.error instanceof ApiError ? make.error : null;

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={
        <strong>
          <Trans>New e-mail</Trans>
        </strong>
      }
      size={520}
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          // The inspector's own form must not take this as its own.
          event.stopPropagation();
          make.mutate();
        }}
      >
        <TextInput
          label={t`Name`}
          placeholder={t`Cart reminder`}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refused?.at('name') ?? refused?.at('key')}
        />
        <TextInput
          label={t`Subject`}
          placeholder={t`You left something, ${'{{'} first_name ${'}}'}`}
          value={subject}
          onChange={(event) => setSubject(event.currentTarget.value)}
          error={refused?.at('subject')}
        />
        <Textarea
          size="xs"
          label={t`Text`}
          description={t`Plain text; ${'{{'} first_name ${'}}'} and other fields are filled in for each person.`}
          autosize
          minRows={6}
          maxRows={14}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={refused?.at('text') ?? refused?.at('html')}
        />
        {refused?.errors.every((each) => !each.attr) && (
          <span role="alert" className={classes.bad}>
            {refused.message}
          </span>
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" disabled={!slug(name) || !subject.trim()} loading={make.isPending}>
            <Trans>Create e-mail</Trans>
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** Plain text as simple HTML, one paragraph for each block of lines. */
function htmlOf(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped
    .split(/\n{2,}/)
    .filter((block) => block.trim())
    .map((block) => `<p>${block.replaceAll('\n', '<br>')}</p>`)
    .join('\n');
}
