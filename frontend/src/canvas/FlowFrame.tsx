/** The page around every tab of a flow: name, state, tabs. */
import { t } from '@lingui/core/macro';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { FlowTab } from '@/app/router';
import { FlowBadge } from '@/ui/FlowBadge';
import { Page } from '@/ui/Page';
import { useCanvas, useCanvasState } from './context';
import { Editors } from './Editors';
import classes from './FlowFrame.module.css';
import { FlowMenu } from './FlowMenu';
import type { TabProps } from './FlowPage';

interface FlowFrameProps extends TabProps {
  actions?: ReactNode;
  aside?: ReactNode;
  asideLabel?: string;
  flush?: boolean;
  children: ReactNode;
}

export function FlowFrame({
  flow,
  tab,
  go,
  actions,
  aside,
  asideLabel,
  flush,
  children,
}: FlowFrameProps) {
  const name = useCanvasState((state) => state.name);
  const tabs: { value: FlowTab; label: string }[] = [
    { value: 'design', label: t`Design` },
    { value: 'try', label: t`Try` },
    { value: 'live', label: t`Live` },
    { value: 'people', label: t`People` },
    { value: 'results', label: t`Results` },
    { value: 'versions', label: t`Versions` },
  ];
  return (
    <Page
      title={name}
      titleSlot={tab === 'design' ? <NameField /> : undefined}
      crumbs={[{ label: t`Flows`, to: '/flows' }]}
      badge={<FlowBadge status={flow.status} version={flow.version} />}
      tabs={tabs}
      tab={tab}
      onTab={(next) => go({ tab: next as FlowTab })}
      actions={
        <>
          <Editors />
          {actions}
          <FlowMenu flow={flow} />
        </>
      }
      aside={aside}
      asideLabel={asideLabel}
      flush={flush}
    >
      {children}
    </Page>
  );
}

/** The flow's name, which becomes a field when clicked. */
function NameField() {
  const { store } = useCanvas();
  const name = useCanvasState((state) => state.name);
  const readOnly = useCanvasState((state) => state.readOnly);
  const [text, setText] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const editing = text !== null;

  useEffect(() => {
    if (editing) field.current?.select();
  }, [editing]);

  if (readOnly) return <>{name}</>;
  if (text === null) {
    return (
      <button
        type="button"
        className={classes.name}
        title={t`Rename`}
        onClick={() => setText(name)}
      >
        {name}
      </button>
    );
  }
  const done = (keep: boolean) => {
    if (keep && text.trim()) store.getState().rename(text.trim());
    setText(null);
  };
  return (
    <input
      ref={field}
      className={classes.field}
      aria-label={t`Name of the flow`}
      value={text}
      maxLength={120}
      size={Math.max(8, text.length)}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => done(true)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') done(true);
        if (event.key === 'Escape') done(false);
      }}
    />
  );
}
