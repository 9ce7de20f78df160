export { IconUsersMinus as Icon } from '@tabler/icons-react';
