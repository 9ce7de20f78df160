export { IconGitBranch as Icon } from '@tabler/icons-react';
