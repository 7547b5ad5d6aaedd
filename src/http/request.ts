// A request and its answer as the rest of the program sees them.
import type { Answer } from './exchange.ts';

export interface HttpTimeouts {
  /** Longest wait for the header lines of metadata, milliseconds; 0: no limit. */
  readonly headersMs: number;
  /** The same for image data: a store may have to attach a volume first. */
  readonly dataHeadersMs: number;
  /** Longest silence within a body, milliseconds; 0: no limit. */
  readonly stallMs: number;
}

/** Something that happened on the wire, secrets already taken out. For `--debug`. */
export interface WireEvent {
  readonly direction: 'request' | 'answer' | 'retry';
  readonly lines: readonly string[];
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly accept: string;
  /** Sent as `X-Auth-Token`, to the URL's own origin only. */
  readonly token: string | null;
  readonly purpose: 'metadata' | 'data';
  readonly signal: AbortSignal;
  /** Statuses that are no error beside 200–299. */
  readonly alsoAccept?: readonly number[];
  readonly body?: { readonly type: string; readonly text: string };
  /** Bytes that are asked for, the last one included. */
  readonly range?: { readonly first: number; readonly last: number } | undefined;
  /** Sent to the URL's own origin only, like the token. */
  readonly extraHeaders?: readonly (readonly [name: string, value: string])[];
  /** Gets another token after a 401, once; null if there is none to be had. */
  readonly renewToken?: (() => Promise<string | null>) | undefined;
}

/** An answer after redirects. */
export interface HttpAnswer extends Answer {
  /** The URL that answered. */
  readonly url: URL;
  readonly requestId: string | null;
}
