/** The kind of every type without a folder of its own: a plain card, a form made from its schema. */
import { IconPuzzle } from '@tabler/icons-react';
import type { NodeKind } from '../kind';

export const genericKind: NodeKind = {
  icon: IconPuzzle,
  words: () => ({ title: '' }),
  form: null,
};
