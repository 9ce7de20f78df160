/** "?": every key that the canvas knows. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Kbd, Modal } from '@mantine/core';
import classes from './ShortcutsSheet.module.css';

const GROUPS: { title: string; keys: [string[], string][] }[] = [
  {
    title: t`Go`,
    keys: [
      [['↑', '↓', '←', '→'], t`To the next step that way`],
      [['Tab'], t`Through the steps in order`],
      [['Enter'], t`Into the settings of the step`],
      [['Esc'], t`Back to the step, or to the flow`],
      [['S'], t`To the settings of the flow`],
      [['Ctrl', 'F'], t`Find a step`],
      [['0'], t`Show the whole flow`],
      [['Ctrl', 'K'], t`Go anywhere else`],
    ],
  },
  {
    title: t`Build`,
    keys: [
      [['A'], t`Add a step after this one; with none chosen, a trigger`],
      [['N'], t`Lay a note down; Enter writes one that is chosen`],
      [['Shift', '↑↓←→'], t`Choose several`],
      [['Ctrl', 'A'], t`Choose all`],
      [['Alt', '↑↓←→'], t`Move what is chosen`],
      [['Ctrl', 'D'], t`Duplicate`],
      [
        [t({ message: 'Delete', context: 'a key of the keyboard' })],
        t`Remove; the ways around it are joined`,
      ],
      [['T'], t`Tidy all steps`],
    ],
  },
  {
    title: t`Edit`,
    keys: [
      [['Ctrl', 'Z'], t`Undo`],
      [['Ctrl', 'Y'], t`Redo`],
      [['Ctrl', 'C'], t`Copy, also into another flow`],
      [['Ctrl', 'X'], t`Cut`],
      [['Ctrl', 'V'], t`Paste`],
      [['?'], t`This sheet`],
    ],
  },
];

export function ShortcutsSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={
        <strong>
          <Trans>Keys on the canvas</Trans>
        </strong>
      }
      size={760}
    >
      <div className={classes.groups}>
        {GROUPS.map(({ title, keys }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([combination, words]) => (
                <div key={words}>
                  <dt>
                    {combination.map((key) => (
                      <Kbd key={key} size="xs">
                        {key}
                      </Kbd>
                    ))}
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className={classes.hint}>
        <Trans>
          Where a way leads is chosen under “Then” in the settings of a step; dragging its point
          does the same.
        </Trans>
      </p>
    </Modal>
  );
}
