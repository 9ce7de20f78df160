export { IconHandClick as Icon } from '@tabler/icons-react';
