/** How to send data to this host, with code to copy. */
import { t } from '@lingui/core/macro';
import { Button, CopyButton, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import classes from './Settings.module.css';
import { snippets } from './snippets';

export function Snippets({ writeKey }: { writeKey: string }) {
  const all = snippets(window.location.origin, writeKey);
  const [language, setLanguage] = useState('Python');
  const chosen = all.find((each) => each.language === language) ?? all[0];
  if (!chosen) return null;
  return (
    <div className={classes.snippet}>
      <div className={classes.snippetBar}>
        <SegmentedControl
          aria-label={t`Language`}
          size="xs"
          data={all.map((each) => each.language)}
          value={language}
          onChange={setLanguage}
        />
        <CopyButton value={chosen.code}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t`Copied` : t`Copy code`}
            </Button>
          )}
        </CopyButton>
      </div>
      {chosen.install && <code className={classes.install}>{chosen.install}</code>}
      <pre>{chosen.code}</pre>
    </div>
  );
}
