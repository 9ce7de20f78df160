export { IconPencil as Icon } from '@tabler/icons-react';
