/** An e-mail of a simulation as it would look, and why it would not go where it would not. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Modal } from '@mantine/core';
import type { SimulatedMessage } from '@/api/types';
import { EmailFrame } from '@/messages/EmailFrame';
import { exactInstant } from '@/ui/format';
import classes from './trial.module.css';

export const MAIL_STATUS: Record<string, string> = {
  sent: t`Would be sent`,
  withheld: t`Withheld`,
  held_back: t`Held back`,
  cancelled: t`Cancelled`,
  failed: t`Failed`,
  queued: t`Waits`,
};

export function MailPreview({ mail, onClose }: { mail: SimulatedMessage; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      size={700}
      title={<strong>{mail.subject || t`No subject`}</strong>}
      closeButtonProps={{ 'aria-label': t`Close the e-mail` }}
    >
      <p className={classes.hint}>
        <Trans>
          To {mail.to || t`nobody`}, {exactInstant(mail.sent_at ?? mail.at)}
        </Trans>
      </p>
      {mail.status !== 'sent' && (
        <p className={classes.note}>
          {MAIL_STATUS[mail.status] ?? mail.status}
          {mail.reason && `: ${mail.reason}`}
        </p>
      )}
      {mail.html ? (
        <div className={classes.frame}>
          <EmailFrame html={mail.html} width="100%" />
        </div>
      ) : (
        <pre className={classes.plain}>{mail.text}</pre>
      )}
    </Modal>
  );
}
