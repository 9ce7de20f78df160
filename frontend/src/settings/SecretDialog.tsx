/** Shows a key the only time it can be shown. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, CopyButton, Group, Modal } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Settings.module.css';

interface SecretDialogProps {
  title: string;
  secret: string;
  children?: ReactNode;
  onClose: () => void;
}

export function SecretDialog({ title, secret, children, onClose }: SecretDialogProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      size={620}
      closeOnClickOutside={false}
      title={<strong>{title}</strong>}
    >
      <p className={classes.once}>
        <Trans>Copy it now: it is stored only as a hash and cannot be shown again.</Trans>
      </p>
      <Copyable text={secret} label={t`key`} />
      {children}
      <Group justify="flex-end" mt={20}>
        <Button onClick={onClose}>
          <Trans>I have it</Trans>
        </Button>
      </Group>
    </Modal>
  );
}

/** One line of code with a button that copies it. */
export function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <div className={classes.secret}>
      <code>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            onClick={copy}
            leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          >
            {copied ? t`Copied` : t`Copy ${label}`}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
