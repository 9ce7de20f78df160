export { IconReplace as Icon } from '@tabler/icons-react';
