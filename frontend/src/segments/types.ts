/** A segment as its own page reads it; `job` is the one that builds it, while one does. */
export type { Segment } from '@/api/types';
