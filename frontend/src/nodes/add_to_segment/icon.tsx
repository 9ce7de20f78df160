export { IconUsersPlus as Icon } from '@tabler/icons-react';
