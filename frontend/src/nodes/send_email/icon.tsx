export { IconMailForward as Icon } from '@tabler/icons-react';
