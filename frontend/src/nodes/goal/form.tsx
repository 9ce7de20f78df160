import { Trans } from '@lingui/react/macro';
export function Form() {
  return (
    <p>
      <Trans>Who comes here leaves the flow as converted.</Trans>
    </p>
  );
}
