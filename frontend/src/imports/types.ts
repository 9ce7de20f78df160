/** The shapes of imports, as the server sends them. */

import type { components } from '@/api/schema';
import type { FieldType, Sent } from '@/api/types';

export type ImportRow = Sent<'Import'>;
export type Import = Sent<'ImportDetail'>;
export type ImportColumn = Sent<'Column'>;
export type ImportStatus = ImportRow['status'];
export type ImportCounts = Sent<'ImportCounts'>;
export type Check = Sent<'MappingCheck'>;
export type RowRead = Sent<'RowRead'>;
export type Problem = Sent<'MappingProblem'>;
export type Job = Sent<'Job'>;
export type Encoding = components['schemas']['EncodingEnum'];
export type Delimiter = components['schemas']['DelimiterEnum'];

/** What one column becomes; `target` null leaves it out. */
export interface ColumnChoice {
  column: number;
  target: string | null;
  type: FieldType | null;
  format: string | null;
}

export type MatchKey = 'email' | 'external_id';
export type Existing = 'update' | 'fill_empty' | 'skip';
export type Empty = 'leave' | 'erase';

export interface Options {
  key: MatchKey;
  existing: Existing;
  empty: Empty;
  segment: string | null;
}

export interface Asked extends Options {
  mapping: ColumnChoice[];
}

/** What the job says of its progress besides the numbers. */
export interface JobDetail extends Partial<ImportCounts> {
  import?: number;
  phase?: 'reading' | 'writing';
  read?: number;
}
