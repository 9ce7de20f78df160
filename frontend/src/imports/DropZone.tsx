/** Where a file is dropped or chosen; shows how far its upload is. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Progress } from '@mantine/core';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { ApiError } from '@/api/client';
import { useRefusal } from '@/ui/GuardedButton';
import classes from './Imports.module.css';
import { fileSize } from './plan';
import { LARGEST_FILE, type Upload, upload } from './upload';

interface Sending {
  file: File;
  share: number;
}

export function DropZone() {
  const navigate = useNavigate();
  const refusal = useRefusal();
  const input = useRef<HTMLInputElement>(null);
  const running = useRef<Upload | null>(null);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<Sending | null>(null);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => () => running.current?.abort(), []);

  const send = async (file: File | undefined) => {
    if (!file || refusal || sending) return;
    setError(null);
    if (file.size > LARGEST_FILE) {
      setError(t`This file has ${fileSize(file.size)}; up to 512 MB can be imported at once.`);
      return;
    }
    setSending({ file, share: 0 });
    running.current = upload(file, (share) => setSending({ file, share }));
    try {
      const one = await running.current.done;
      await navigate({ to: '/contacts/import/$id', params: { id: String(one.id) } });
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'AbortError') return;
      setError(
        cause instanceof ApiError ? cause.message : t`The file could not be sent. Try again.`,
      );
    } finally {
      running.current = null;
      setSending(null);
      if (input.current) input.current.value = '';
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void send(event.dataTransfer.files[0]);
  };

  return (
    <section
      className={classes.drop}
      data-over={over || undefined}
      aria-label={t`A file to import`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <span className={classes.dropIcon} aria-hidden>
        <IconFileSpreadsheet size={24} stroke={1.6} />
      </span>
      {sending ? (
        <div className={classes.sending}>
          <strong>{sending.file.name}</strong>
          <Progress value={100 * sending.share} size={6} aria-label={t`Upload`} />
          <small aria-live="polite">
            {sending.share < 1
              ? t`${fileSize(sending.file.size * sending.share)} of ${fileSize(sending.file.size)} sent`
              : t`Sent. It is being looked at…`}
          </small>
          <Button variant="default" size="compact-sm" onClick={() => running.current?.abort()}>
            <Trans>Stop</Trans>
          </Button>
        </div>
      ) : (
        <>
          <h2>
            <Trans>Drop a CSV file here</Trans>
          </h2>
          <p>
            <Trans>
              One row per person, up to 512 MB. You choose what becomes of each column before
              anything is written.
            </Trans>
          </p>
          <input
            ref={input}
            type="file"
            accept=".csv,.tsv,.txt,text/csv,text/plain"
            className="sr-only"
            aria-label={t`Choose a CSV file`}
            tabIndex={-1}
            onChange={(event) => void send(event.currentTarget.files?.[0])}
          />
          <Button
            disabled={refusal !== null}
            title={refusal ?? undefined}
            onClick={() => input.current?.click()}
          >
            <Trans>Choose a file</Trans>
          </Button>
        </>
      )}
      <p role="alert" className={classes.error}>
        {error}
      </p>
    </section>
  );
}
