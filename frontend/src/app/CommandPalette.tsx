/** Ctrl K: go anywhere by its name. Flows, segments and e-mails are at hand, contacts are searched. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Modal, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { get } from '@/api/client';
import { useFlowChoices, useSegments, useTemplates } from '@/api/queries';
import type { ContactRef, CursorPage } from '@/api/types';
import { contactName } from '@/ui/contact';
import classes from './CommandPalette.module.css';

interface Target {
  group: string;
  label: string;
  path: string;
  hint?: string;
}

const PAGES: Target[] = [
  [t`Home`, '/'],
  [t`Flows`, '/flows'],
  [t`Flow templates`, '/flows/templates'],
  [t`Contacts`, '/contacts'],
  [t`Import contacts`, '/contacts/import'],
  [t`Segments`, '/segments'],
  [t`Messages`, '/messages'],
  [t`Templates`, '/templates'],
  [t`Settings`, '/settings'],
].map(([label, path]) => ({ group: t`Pages`, label: label ?? '', path: path ?? '/' }));

const MOST = 6;
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

function useTargets(text: string): Target[] {
  const { data: flows = [] } = useFlowChoices();
  const { data: segments = [] } = useSegments();
  const { data: templates = [] } = useTemplates();
  const [search] = useDebouncedValue(text.trim(), 200);
  const contacts = useQuery({
    queryKey: ['contacts', 'palette', search],
    queryFn: () => get<CursorPage<ContactRef>>('/api/contacts/', { search, limit: MOST }),
    enabled: search.length >= 2,
  });
  const wanted = text.trim().toLowerCase();
  const local: Target[] = [
    ...PAGES,
    ...flows.map((each) => ({
      group: t`Flows`,
      label: each.name,
      path: `/flows/${each.key}`,
      hint: each.status,
    })),
    ...segments.map((each) => ({
      group: t`Segments`,
      label: each.name,
      path: `/segments/${each.key}`,
      hint: each.kind,
    })),
    ...templates.map((each) => ({
      group: t`Templates`,
      label: each.name,
      path: `/templates/${each.key}`,
    })),
  ];
  const fitting = local.filter((target) => target.label.toLowerCase().includes(wanted));
  const groups = [t`Pages`, t`Flows`, t`Segments`, t`Templates`].map((group) =>
    fitting.filter((target) => target.group === group).slice(0, MOST + 1),
  );
  const people = (wanted.length >= 2 ? (contacts.data?.results ?? []) : []).map((contact) => ({
    group: t`Contacts`,
    label: contactName(contact),
    path: `/contacts/${contact.id}`,
    hint: contact.name ? (contact.email ?? undefined) : undefined,
  }));
  return [...groups.flat(), ...people];
}

function Search({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const targets = useTargets(text);
  const at = Math.min(active, targets.length - 1);

  useEffect(() => {
    document.getElementById(`go-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const go = (target: Target | undefined) => {
    if (!target) return;
    onDone();
    router.history.push(target.path);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setActive(Math.min(at + 1, targets.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(at - 1, 0));
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
        aria-label={t`Go to a page, flow, segment, template or contact`}
        placeholder={t`Go to…`}
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={press}
      />
      <div id="go-list" role="listbox" aria-label={t`Places`} className={classes.list}>
        {targets.map((target, index) => (
          <div key={target.path}>
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
          <p className={classes.none}>
            <Trans>Nothing of that name.</Trans>
          </p>
        )}
      </div>
    </>
  );
}
