import { t } from '@lingui/core/macro';
import { liquidWords } from '@/model/liquid';
import type { CardWords } from '../kind';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export interface Config {
  method?: (typeof METHODS)[number];
  url?: string;
  headers?: Record<string, string>;
  body?: string;
  /** A duration of 1 to 30 seconds. */
  timeout?: string;
}

const LONGEST = 40;

/** The host of an address, with the path as far as it is short; the text where it is no address. */
function place(url: string): string {
  try {
    const { host, pathname } = new URL(url.replace(/\{\{.*?\}\}/g, '…'));
    return liquidWords(pathname.length > 1 ? host + decodeURIComponent(pathname) : host, LONGEST);
  } catch {
    return liquidWords(url, LONGEST);
  }
}

export function words(config: Config): CardWords {
  return {
    title: config.url ? t`Call ${place(config.url)}` : t`Call a web address`,
    sub: t`Webhook · ${config.method ?? 'POST'}, waits for the answer`,
  };
}
