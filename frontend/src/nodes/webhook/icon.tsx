export { IconWebhook as Icon } from '@tabler/icons-react';
