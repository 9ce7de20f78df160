export { IconArrowRampRight as Icon } from '@tabler/icons-react';
