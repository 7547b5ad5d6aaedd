// Decides whether a request is the expected form. Pure.
import type { IncomingHttpHeaders } from 'node:http';

/** Tokens have some hundred bytes; those of old Keystones, which include the catalog, some ten thousand. */
export const maxFormBytes = 64 * 1024;

/** What a request must be for. */
export interface Expected {
  /** As a browser sends it: `localhost:9990`. */
  readonly host: string;
  readonly path: string;
  /** Origin of the page that sends the form. */
  readonly keystone: URL;
}

interface Head {
  readonly method?: string | undefined;
  /** As received: a path with its query. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** The status with which to refuse a request. */
export type Refusal = 400 | 403 | 404 | 405 | 409 | 413 | 415 | 421;

/**
 * Judges the head of a request.
 * @returns null if its body should be read
 */
export function judgeHead({ method, url, headers }: Head, { host, path, keystone }: Expected): Refusal | null {
  // Another host name may be made to resolve to this machine (DNS rebinding). A page of that host could then send
  // requests here and read the answers.
  if (headers.host?.toLowerCase() !== host) return 421;
  if (url !== path) return 404;
  if (method !== 'POST') return 405;
  if (!isFromKeystone(headers, keystone)) return 403;
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') return 415;
  return Number(headers['content-length'] ?? 0) > maxFormBytes ? 413 : null;
}

/**
 * Whether the form comes from a page of Keystone's. When an https page posts to http, even on this machine, browsers send `null` as
 * its origin (Chromium 156, Firefox 153); with most Keystones, that is the case. Then the page must at least be one that a person
 * sees, and not a frame or a script.
 * @see https://fetch.spec.whatwg.org/#append-a-request-origin-header
 */
function isFromKeystone({ origin, 'sec-fetch-dest': goal }: IncomingHttpHeaders, keystone: URL): boolean {
  if (origin === keystone.origin) return true;
  return origin === 'null' && keystone.protocol === 'https:' && (goal === undefined || goal === 'document');
}

/** The token in a form with exactly one token of printable ASCII. */
export function judgeBody(body: string): { readonly token: string } | 400 {
  const [token = '', second] = new URLSearchParams(body).getAll('token');
  return second === undefined && /^[!-~]+$/.test(token) ? { token } : 400;
}
