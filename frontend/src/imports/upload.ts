/** Sends a file while saying how far it is; `fetch` cannot tell that. */
import { t } from '@lingui/core/macro';
import { ApiError, cookie, errorItems } from '@/api/client';
import type { Import } from './types';

export const LARGEST_FILE = 512 * 1024 * 1024;

export interface Upload {
  done: Promise<Import>;
  abort: () => void;
}

/** `onProgress` hears the share sent, from 0 to 1; at 1 the server still reads. */
export function upload(file: File, onProgress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<Import>((resolve, reject) => {
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      const body: unknown = parsed(request.responseText);
      if (request.status === 201) resolve(body as Import);
      else reject(new ApiError(request.status, errorItems(body), body));
    };
    request.onerror = () => reject(new ApiError(0, [], null));
    request.onabort = () => reject(new DOMException(t`The upload was stopped.`, 'AbortError'));
    request.open('POST', '/api/contacts/import/');
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('X-CSRFToken', cookie('csrftoken') ?? '');
    const form = new FormData();
    form.append('file', file);
    request.send(form);
  });
  return { done, abort: () => request.abort() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
