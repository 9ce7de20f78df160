/** A segment as its own page reads it. */
import type { Segment as SegmentShape } from '@/api/types';

export interface Segment extends SegmentShape {
  /** The job that builds it, while one does. */
  job?: string | null;
}
