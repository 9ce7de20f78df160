/** What the naming convention says of a segment's name, and a way to a name that keeps it. */
import { t } from '@lingui/core/macro';
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconSignature } from '@tabler/icons-react';
import { useState } from 'react';
import { sentence } from '@/ui/format';
import type { NameCheck, Naming } from '../types';
import { NameBuilder } from './NameBuilder';
import classes from './naming.module.css';

interface NameHelpProps {
  id: string;
  naming: Naming | undefined;
  check: NameCheck | undefined;
  name: string;
  onName: (name: string) => void;
}

export function NameHelp({ id, naming, check, name, onName }: NameHelpProps) {
  const [building, setBuilding] = useState(false);
  if (!naming || naming.parts.length === 0) return null;
  const problems = naming.enforce === 'off' || !name.trim() ? [] : (check?.problems ?? []);
  // An agreement that nobody keeps an eye on is only offered where there is no name yet.
  if (naming.enforce === 'off' && name.trim()) return null;
  const build = (words: string) => (
    <Button
      variant="default"
      size="compact-sm"
      leftSection={<IconSignature size={14} aria-hidden />}
      onClick={() => setBuilding(true)}
    >
      {words}
    </Button>
  );
  return (
    <div className={classes.help} data-bad={problems.length > 0 || undefined} id={id}>
      {problems.length > 0 ? (
        <>
          <IconAlertTriangle size={16} aria-hidden />
          <p>
            <strong>
              {naming.enforce === 'refuse'
                ? t`This name is not allowed.`
                : t`This name breaks the convention.`}
            </strong>{' '}
            {problems.map(sentence).join(' ')}
          </p>
          {build(t`Mend the name`)}
        </>
      ) : (
        build(t`Build a name`)
      )}
      {building && (
        <NameBuilder
          naming={naming}
          known={name.trim() ? (check?.values ?? {}) : {}}
          onName={onName}
          onClose={() => setBuilding(false)}
        />
      )}
    </div>
  );
}
