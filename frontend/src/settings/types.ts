/** The shapes that only the settings' pages and long work use. */
import type { JsonObject, Narrowed, Sent } from '@/api/types';

export type Job = Narrowed<'Job', { detail: JsonObject }>;
export type Source = Sent<'Source'>;
export type SourceCreated = Sent<'SourceCreated'>;
export type Person = Sent<'Person'>;
export type PersonCreated = Sent<'PersonCreated'>;
export type ApiKey = Sent<'Key'>;
export type ApiKeyCreated = Sent<'KeyCreated'>;
export type RejectedMessage = Narrowed<'Rejected', { payload: JsonObject }>;
