// A request and its answer, as the rest of the program sees them.
import type { Credentials } from './secrets/credentials.ts';
import type { Answer, Method } from './exchange.ts';
import type { BodyContent } from './request-body.ts';

export interface HttpTimeouts {
  /** Longest wait for the header lines of metadata, milliseconds; 0: no limit. */
  readonly headersMs: number;
  /** The same for image data: a store may have to attach a volume first. */
  readonly dataHeadersMs: number;
  /** Longest silence within a body, sent or received, milliseconds; 0: no limit. */
  readonly stallMs: number;
}

/** Something that happened on the wire, with secrets already removed. For `--debug`. */
export interface WireEvent {
  readonly direction: 'request' | 'answer' | 'retry';
  readonly lines: readonly string[];
}

export interface HttpRequest {
  readonly method: Method;
  readonly url: URL;
  readonly accept: string;
  /** Sent as `X-Auth-Token`, to the URL's own origin only. */
  readonly token: string | null;
  readonly purpose: 'metadata' | 'data';
  readonly signal: AbortSignal;
  /** Statuses, in addition to 200–299, that are not errors. */
  readonly alsoAccept?: readonly number[];
  /** The body to send, and its media type, or null to name none. */
  readonly body?: { readonly type: string | null; readonly content: BodyContent };
  /** The range to request, including its last byte. */
  readonly range?: { readonly first: number; readonly last: number } | undefined;
  /** Sent to the URL's own origin only, like the token. */
  readonly extraHeaders?: readonly (readonly [name: string, value: string])[];
  /** More headers, recreated for each attempt, for the URL's own origin only. They may contain a signature. */
  readonly sign?: () => Promise<ReadonlyMap<string, string>>;
  /** Whether all statuses are valid answers: then none is thrown, and no redirect is followed. */
  readonly isRaw?: boolean;
  /** Maximum number of redirects to follow, also to other origins, as for image data. Absent: what the purpose allows. */
  readonly redirectsAnywhere?: number;
  /** Returns what to send after a 401, once; null if there is nothing else to try. */
  readonly renew?: (() => Promise<Credentials | null>) | undefined;
}

/** An answer, after any redirects were followed. */
export interface HttpAnswer extends Answer {
  /** The URL that answered. */
  readonly url: URL;
  readonly requestId: string | null;
}

/** A request for JSON from whoever has it: without a token. */
export function jsonRequest(method: Method, url: URL, signal: AbortSignal): HttpRequest {
  return { method, url, accept: 'application/json', token: null, purpose: 'metadata', signal };
}
