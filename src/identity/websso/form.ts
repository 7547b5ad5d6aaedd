// Whether a request is the form that is waited for. Pure.
import type { IncomingHttpHeaders } from 'node:http';

/** Tokens have some hundred bytes; those of old Keystones, with their catalog in them, some ten thousand. */
export const maxFormBytes = 64 * 1024;

/** What a request has to be for. */
export interface Expected {
  /** As a browser names it: `localhost:9990`. */
  readonly host: string;
  readonly path: string;
  /** The form comes from a page of this origin. */
  readonly keystone: URL;
}

interface Head {
  readonly method?: string | undefined;
  /** As it came: a path with its query. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** The status that a request is refused with. */
export type Refusal = 400 | 403 | 404 | 405 | 409 | 413 | 415 | 421;

/**
 * Looks at what comes before the body.
 * @returns null for what is to be read on
 */
export function judgeHead({ method, url, headers }: Head, { host, path, keystone }: Expected): Refusal | null {
  // A name that somebody has lead to this machine is another's page, which may ask and read here what it likes.
  if (headers.host?.toLowerCase() !== host) return 421;
  if (url !== path) return 404;
  if (method !== 'POST') return 405;
  if (!isFromKeystone(headers, keystone)) return 403;
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') return 415;
  return Number(headers['content-length'] ?? 0) > maxFormBytes ? 413 : null;
}

/**
 * Browsers say `null` in place of an https origin that posts to http, to this machine too: so it is with most Keystones. Then
 * it has at least to be a page that a person sees, and no frame or script behind another.
 * @see https://fetch.spec.whatwg.org/#append-a-request-origin-header
 */
function isFromKeystone({ origin, 'sec-fetch-dest': goal }: IncomingHttpHeaders, keystone: URL): boolean {
  if (origin === keystone.origin) return true;
  return origin === 'null' && keystone.protocol === 'https:' && (goal === undefined || goal === 'document');
}

/** The token of a form with exactly one, in printable ASCII. */
export function judgeBody(body: string): { readonly token: string } | 400 {
  const [token = '', second] = new URLSearchParams(body).getAll('token');
  return second === undefined && /^[!-~]+$/.test(token) ? { token } : 400;
}
