export { IconUserShare as Icon } from '@tabler/icons-react';
