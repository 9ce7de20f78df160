import { Trans } from '@lingui/react/macro';
export function Form() {
  return (
    <p>
      <Trans>Contacts enter when somebody adds them here, or a program does by the API.</Trans>
    </p>
  );
}
