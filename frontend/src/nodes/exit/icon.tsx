export { IconDoorExit as Icon } from '@tabler/icons-react';
