export { IconTrendingUp as Icon } from '@tabler/icons-react';
