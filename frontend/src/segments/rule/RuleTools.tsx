/** At the head of the rule: undo and redo, folding all groups, and the keys that there are. */
import { t } from '@lingui/core/macro';
import { ActionIcon, Popover, Tooltip } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconFold,
  IconKeyboard,
  IconListTree,
} from '@tabler/icons-react';
import { isGroup, type Rule } from '@/model/rule';
import { innerRules } from '@/model/ruleEdit';
import { useBuilder, useBuilderState } from './context';
import { SHORTCUTS } from './keys';
import classes from './rule.module.css';

/** All groups within a rule; not the one that it is itself. */
function groupsIn(rule: Rule): Rule[] {
  return innerRules(rule).flatMap((inner) =>
    isGroup(inner) ? [inner, ...groupsIn(inner)] : groupsIn(inner),
  );
}

function inside(root: Rule): Rule[] {
  return root.type === 'not' ? groupsIn(root.rule) : groupsIn(root);
}

export const hasGroups = (root: Rule): boolean => inside(root).length > 0;

interface RuleToolsProps {
  canUndo: boolean;
  canRedo: boolean;
  /** There are groups within the outermost one. */
  canFold: boolean;
}

export function RuleTools({ canUndo, canRedo, canFold }: RuleToolsProps) {
  const { undo, redo, readOnly } = useBuilder();
  return (
    <div className={classes.tools}>
      {!readOnly && (
        <>
          <Tool label={t`Undo`} keys="Ctrl Z" disabled={!canUndo} onClick={undo}>
            <IconArrowBackUp size={16} />
          </Tool>
          <Tool label={t`Redo`} keys="Ctrl Shift Z" disabled={!canRedo} onClick={redo}>
            <IconArrowForwardUp size={16} />
          </Tool>
        </>
      )}
      {canFold && <FoldAll />}
      {!readOnly && <Keys />}
    </div>
  );
}

interface ToolProps {
  label: string;
  keys?: string;
  disabled?: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function Tool({ label, keys, disabled, onClick, children }: ToolProps) {
  return (
    <Tooltip label={keys ? `${label} (${keys})` : label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={26}
        aria-label={label}
        aria-keyshortcuts={keys?.replace('Ctrl', 'Control').replaceAll(' ', '+')}
        // it keeps the focus when there is nothing left to undo
        data-disabled={disabled || undefined}
        aria-disabled={disabled || undefined}
        onClick={disabled ? undefined : onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function FoldAll() {
  const { store, root } = useBuilder();
  const some = useBuilderState((state) => state.folded.size > 0);
  const toggle = () => store.setState({ folded: some ? new Set<Rule>() : new Set(inside(root())) });
  return (
    <Tool label={some ? t`Show all groups` : t`Fold all groups`} onClick={toggle}>
      {some ? <IconListTree size={16} /> : <IconFold size={16} />}
    </Tool>
  );
}

function Keys() {
  return (
    <Popover position="bottom-end" width={290} shadow="md" returnFocus trapFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size={26} aria-label={t`Keys`}>
          <IconKeyboard size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`Keys`} tabIndex={-1} data-autofocus>
        <dl className={classes.shortcuts}>
          {SHORTCUTS.map(({ keys, does }) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}
