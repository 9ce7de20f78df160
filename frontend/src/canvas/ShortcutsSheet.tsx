/** "?": every key that the canvas knows. */
import { Kbd, Modal } from '@mantine/core';
import classes from './ShortcutsSheet.module.css';

const GROUPS: { title: string; keys: [string[], string][] }[] = [
  {
    title: 'Go',
    keys: [
      [['↑', '↓', '←', '→'], 'To the next step that way'],
      [['Tab'], 'Through the steps in order'],
      [['Enter'], 'Into the settings of the step'],
      [['Esc'], 'Back to the step, or to the flow'],
      [['Ctrl', 'F'], 'Find a step'],
      [['0'], 'Show the whole flow'],
      [['Ctrl', 'K'], 'Go anywhere else'],
    ],
  },
  {
    title: 'Build',
    keys: [
      [['A'], 'Add a step after this one; with none chosen, a trigger'],
      [['Shift', '↑↓←→'], 'Choose several'],
      [['Ctrl', 'A'], 'Choose all'],
      [['Alt', '↑↓←→'], 'Move what is chosen'],
      [['Ctrl', 'D'], 'Duplicate'],
      [['Delete'], 'Remove; the ways around it are joined'],
      [['T'], 'Tidy all steps'],
    ],
  },
  {
    title: 'Edit',
    keys: [
      [['Ctrl', 'Z'], 'Undo'],
      [['Ctrl', 'Y'], 'Redo'],
      [['Ctrl', 'C'], 'Copy, also into another flow'],
      [['Ctrl', 'X'], 'Cut'],
      [['Ctrl', 'V'], 'Paste'],
      [['?'], 'This sheet'],
    ],
  },
];

export function ShortcutsSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={<strong>Keys on the canvas</strong>} size={760}>
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
        Where a way leads is chosen under “Then” in the settings of a step; dragging its point does
        the same.
      </p>
    </Modal>
  );
}
