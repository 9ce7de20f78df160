export { IconPercentage as Icon } from '@tabler/icons-react';
