export { IconCalendarEvent as Icon } from '@tabler/icons-react';
