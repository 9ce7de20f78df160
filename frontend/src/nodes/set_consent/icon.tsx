export { IconBellCheck as Icon } from '@tabler/icons-react';
