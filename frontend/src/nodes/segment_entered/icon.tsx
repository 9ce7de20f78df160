export { IconBolt as Icon } from '@tabler/icons-react';
