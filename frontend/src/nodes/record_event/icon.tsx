export { IconPencilBolt as Icon } from '@tabler/icons-react';
