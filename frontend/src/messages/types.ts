/** Messages and previews as the API gives them. */
import type { ContactRef } from '@/api/types';

export type MessageState =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'withheld'
  | 'held_back'
  | 'cancelled'
  | 'failed';

export interface MessageRow {
  id: number;
  channel: string;
  flow: string | null;
  node: string | null;
  template?: string | null;
  topic?: string | null;
  contact: ContactRef;
  to: string;
  subject: string;
  status: MessageState;
  reason: string;
  error?: string;
  created_at: string;
  due_at?: string | null;
  sent_at: string | null;
}

export interface MessageDetail extends MessageRow {
  html: string;
  text: string;
}

export interface TemplateProblem {
  part: 'subject' | 'preheader' | 'html' | 'text';
  line: number;
  code: string;
  detail: string;
}

export interface TemplatePreview {
  subject: string;
  html: string;
  text: string;
  problems: TemplateProblem[];
}
