/** Messages and previews as the API gives them. */
import type { Sent } from '@/api/types';

export type MessageRow = Sent<'Message'>;
export type MessageState = MessageRow['status'];
export type MessageDetail = Sent<'MessageDetail'>;
