export { IconBrandSlack as Icon } from '@tabler/icons-react';
