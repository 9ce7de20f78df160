/** Ctrl K: go anywhere by its name, or do something. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Modal, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useState } from 'react';
import classes from './CommandPalette.module.css';
import { type Target, useTargets } from './targets';

/** The top bar's button asks for it by this event, so that pages need not know the palette. */
const OPEN = 'millrace:command-palette';

export function CommandPalette() {
  const [opened, setOpened] = useState(false);

  useEffect(() => {
    const open = () => setOpened(true);
    const press = (event: globalThis.KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOpened((shown) => !shown);
      }
    };
    window.addEventListener(OPEN, open);
    document.addEventListener('keydown', press);
    return () => {
      window.removeEventListener(OPEN, open);
      document.removeEventListener('keydown', press);
    };
  }, []);

  return (
    <Modal
      opened={opened}
      onClose={() => setOpened(false)}
      withCloseButton={false}
      padding={0}
      size={540}
      attributes={{ content: { 'aria-label': t`Go to` } }}
    >
      {opened && <Search onDone={() => setOpened(false)} />}
    </Modal>
  );
}

function Search({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const { targets, searching } = useTargets(text);
  const at = Math.min(active, targets.length - 1);

  useEffect(() => {
    document.getElementById(`go-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const go = (target: Target | undefined) => {
    if (!target) return;
    onDone();
    if (target.run) target.run();
    else if (target.path) router.history.push(target.path);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setActive(Math.min(at + 1, targets.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(at - 1, 0));
    else if (event.key === 'Home' && event.ctrlKey) setActive(0);
    else if (event.key === 'End' && event.ctrlKey) setActive(targets.length - 1);
    else if (event.key === 'Enter') go(targets[at]);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        className={classes.input}
        role="combobox"
        aria-expanded
        aria-controls="go-list"
        aria-activedescendant={targets[at] ? `go-${at}` : undefined}
        aria-label={t`Go to a page, flow, segment, template or contact, or do something`}
        placeholder={t`Go to, or do…`}
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={press}
      />
      <div id="go-list" role="listbox" aria-label={t`Places and actions`} className={classes.list}>
        {targets.map((target, index) => (
          <div key={`${target.group} ${target.path ?? target.label}`}>
            {targets[index - 1]?.group !== target.group && (
              <span className={classes.group} aria-hidden>
                {target.group}
              </span>
            )}
            <button
              id={`go-${index}`}
              type="button"
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              className={classes.item}
              onPointerMove={() => setActive(index)}
              onClick={() => go(target)}
            >
              {target.label}
              <small>{target.hint}</small>
            </button>
          </div>
        ))}
        {targets.length === 0 && (
          <p className={classes.none} role="status">
            {searching ? (
              <Trans>Searching…</Trans>
            ) : (
              <Trans>Nothing of that name. Try a part of it, or a contact’s e-mail.</Trans>
            )}
          </p>
        )}
      </div>
    </>
  );
}
