/** The shapes that only the settings' pages and long work use. */
import type { JsonObject, Role } from '@/api/types';

export interface Job {
  id: string;
  kind: string;
  title: string;
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  done: number;
  total: number | null;
  detail: JsonObject;
  error: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface Source {
  id: number;
  key: string;
  name: string;
  prefix: string;
  created_at: string;
  last_used_at: string | null;
}

export interface Person {
  id: number;
  email: string;
  name: string;
  role: Role;
  is_active: boolean;
  created_at: string;
  last_login: string | null;
}

export interface ApiKey {
  id: number;
  name: string;
  prefix: string;
  role: Role;
  created_at: string;
  created_by: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface Workspace {
  name: string;
  timezone: string;
  from_email: string;
  postal_address: string;
}

export interface RejectedMessage {
  id: number;
  received_at: string;
  source?: string | null;
  payload: JsonObject;
  reason: string;
  code: string;
}
