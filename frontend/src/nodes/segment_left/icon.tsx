export { IconUserMinus as Icon } from '@tabler/icons-react';
