export { IconActivity as Icon } from '@tabler/icons-react';
