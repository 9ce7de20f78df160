/**
 * The way to the server: JSON over fetch, with the CSRF token, and one kind of error.
 *
 * Promises: a refused call throws `ApiError` whose `message` can be shown as it is; a call without
 * a session throws one with `status` 401.
 */
import { t } from '@lingui/core/macro';
import createClient, { type Middleware } from 'openapi-fetch';

export interface ApiErrorItem {
  code: string;
  detail: string;
  attr: string | null;
}

export class ApiError extends Error {
  readonly status: number;
  readonly errors: ApiErrorItem[];
  /** The answer's whole body, for callers that expect more in it than errors (a 409, say). */
  readonly body: unknown;

  constructor(status: number, errors: ApiErrorItem[], body: unknown) {
    super(sentence(status, errors));
    this.name = 'ApiError';
    this.status = status;
    this.errors = errors;
    this.body = body;
  }

  /** The sentence for one field of a form, if the server named it. */
  at(attr: string): string | undefined {
    return this.errors.find((error) => error.attr === attr)?.detail;
  }
}

const WORDS: Record<number, string> = {
  0: t`The server cannot be reached. Check the connection and try again.`,
  401: t`Please sign in.`,
  403: t`Your role does not allow this.`,
  404: t`This does not exist any more.`,
  409: t`Somebody else changed this in the meantime.`,
  413: t`That is too large.`,
  429: t`Too many tries. Wait a minute.`,
};

function sentence(status: number, errors: ApiErrorItem[]): string {
  const details = errors.map((error) => error.detail).filter(Boolean);
  if (details.length > 0) return details.join(' ');
  return WORDS[status] ?? t`Something went wrong on the server. Try again.`;
}

export function errorItems(body: unknown): ApiErrorItem[] {
  if (typeof body !== 'object' || body === null) return [];
  if ('errors' in body && Array.isArray(body.errors)) {
    return body.errors.map(
      (item: Partial<ApiErrorItem> & { message?: string; param?: string }) => ({
        code: item.code ?? 'error',
        detail: item.detail ?? item.message ?? '',
        attr: item.attr ?? item.param ?? null,
      }),
    );
  }
  if ('detail' in body && typeof body.detail === 'string') {
    return [{ code: 'error', detail: body.detail, attr: null }];
  }
  return [];
}

export function cookie(name: string): string | undefined {
  const found = document.cookie.split('; ').find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : undefined;
}

const csrf: Middleware = {
  onRequest({ request }) {
    if (!['GET', 'HEAD'].includes(request.method)) {
      request.headers.set('X-CSRFToken', cookie('csrftoken') ?? '');
    }
    return request;
  },
};

interface Operation {
  parameters: { query?: Record<string, unknown> };
  requestBody?: { content: { 'application/json': unknown } };
  responses: { 200: { content: { 'application/json': unknown } } };
}

interface AnyPath {
  get: Operation;
  post: Operation;
  put: Operation;
  patch: Operation;
  delete: Operation;
}

const client = createClient<Record<`/${string}`, AnyPath>>({
  baseUrl: '',
  credentials: 'same-origin',
  headers: { Accept: 'application/json' },
});
client.use(csrf);

export type Query = Record<string, string | number | boolean | null | undefined>;

function clean(query: Query | undefined): Record<string, unknown> | undefined {
  if (!query) return undefined;
  return Object.fromEntries(
    Object.entries(query).filter(
      ([, value]) => value !== undefined && value !== null && value !== '',
    ),
  );
}

async function take<T>(
  call: Promise<{ data?: unknown; error?: unknown; response: Response }>,
): Promise<T> {
  let answer: { data?: unknown; error?: unknown; response: Response };
  try {
    answer = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, [], null);
  }
  if (!answer.response.ok) {
    throw new ApiError(answer.response.status, errorItems(answer.error), answer.error);
  }
  return answer.data as T;
}

type Path = `/${string}`;

/** Puts values into an address, each encoded: url`/api/flows/${key}/`. */
export function url(parts: TemplateStringsArray, ...values: (string | number)[]): Path {
  const text = parts.reduce(
    (before, part, index) => before + encodeURIComponent(String(values[index - 1] ?? '')) + part,
  );
  return text as Path;
}

/** The path of a page's `next` link, which the server gives as a full address. */
export function pathOf(link: string): Path {
  const at = new URL(link, window.location.origin);
  return `${at.pathname}${at.search}` as Path;
}

export const get = <T>(path: Path, query?: Query, signal?: AbortSignal): Promise<T> =>
  take<T>(client.GET(path, { params: { query: clean(query) }, signal }));

export const post = <T>(path: Path, body?: unknown, signal?: AbortSignal): Promise<T> =>
  take<T>(client.POST(path, { params: {}, body: body ?? {}, signal }));

export const put = <T>(path: Path, body: unknown): Promise<T> =>
  take<T>(client.PUT(path, { params: {}, body }));

export const patch = <T>(path: Path, body: unknown): Promise<T> =>
  take<T>(client.PATCH(path, { params: {}, body }));

export const del = (path: Path): Promise<void> => take<void>(client.DELETE(path, { params: {} }));
