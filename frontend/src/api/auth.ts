/** Signing in and out by django-allauth's headless API for browsers. */
import { ApiError, cookie, errorItems } from './client';

const BASE = '/_allauth/browser/v1';

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  try {
    return await fetch(`${BASE}${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'X-CSRFToken': cookie('csrftoken') ?? '',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, [], null);
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  if (!cookie('csrftoken')) await call('GET', '/config');
  const answer = await call('POST', '/auth/login', { email, password });
  // 409: somebody is signed in already, which is what was wanted.
  if (answer.ok || answer.status === 409) return;
  const body: unknown = await answer.json().catch(() => null);
  throw new ApiError(answer.status, errorItems(body), body);
}

export async function signOut(): Promise<void> {
  await call('DELETE', '/auth/session');
}
