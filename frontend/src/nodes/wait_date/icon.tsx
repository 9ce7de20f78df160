export { IconCalendarDue as Icon } from '@tabler/icons-react';
