/** The words of a toast that can be undone. */
import { Button, Group } from '@mantine/core';

interface UndoWordsProps {
  message: string;
  label: string;
  undo: () => Promise<void>;
}

export function UndoWords({ message, label, undo }: UndoWordsProps) {
  return (
    <Group justify="space-between" gap={12} wrap="nowrap">
      <span>{message}</span>
      <Button variant="subtle" size="compact-sm" onClick={() => void undo()}>
        {label}
      </Button>
    </Group>
  );
}
