export { IconCalendarTime as Icon } from '@tabler/icons-react';
