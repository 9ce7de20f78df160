export { IconArrowRampLeft as Icon } from '@tabler/icons-react';
