// A request and its answer as values, and what a server decides by.
import type { ImageBytes } from './image-bytes.ts';

/** What of a request an answer depends on. */
export interface ServerRequest {
  readonly method: string;
  /** Path and query as they came, still percent-encoded. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A request to one of the APIs, taken apart. */
export interface ApiRequest {
  readonly request: ServerRequest;
  /** Decoded, below the version. */
  readonly path: string;
  /** Still encoded, without `?`. */
  readonly query: string;
  /** As `http://host:port`, as the client sees this server. */
  readonly origin: string;
}

/** A header as it goes over the wire: the value's characters are its bytes. */
export type HeaderPair = readonly [name: string, value: string];

/** A part of image data: from byte `start` up to, not including, `end`. */
export interface DataBody {
  readonly data: ImageBytes;
  readonly start: number;
  readonly end: number;
}

/** A body whose length nobody knows before it is sent. */
export interface TextBody {
  /** Made while they are sent, each a bounded part of the whole. To be gone through once. */
  readonly pieces: Iterable<string>;
}

/** An answer, complete but for what the connection adds (`Date`, `Connection`). */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  /** In wire order, with wire capitals. */
  readonly headers: readonly HeaderPair[];
  /** Text is sent as UTF-8. */
  readonly body: string | TextBody | DataBody | null;
}

/** One entry of the list of API versions. */
export interface ApiVersion {
  /** As `v1.1` or `v2.16`. */
  readonly id: string;
  /** `CURRENT SUPPORTED DEPRECATED`. */
  readonly status: string;
  /** First part of the paths. */
  readonly path: 'v1' | 'v2';
}

/** Answers with a page; null to what is not a browser's, or asks for none. */
export type AnswerPage = (call: ApiRequest) => Answer | null;

/** How a server answers. */
export interface HandlerOptions {
  /** `glance`: as a real one of the last series with v1. `document`: as in the examples of the 2011 specification. */
  readonly style: 'glance' | 'document';
  /** Whether `Range` is answered by API v1; a real one ignores it. v2 always answers it. */
  readonly ranges: boolean;
  /** What `X-Auth-Token` has to be. Null: everybody may ask. */
  readonly token: string | null;
  /** `anonymous`: what a real Glance shows to somebody without a token. `everything`: the whole catalog. */
  readonly view: 'everything' | 'anonymous';
  /** The list of versions, in its order; only APIs in it are served. */
  readonly versions: readonly ApiVersion[];
  /** `host:port` for links where the request has no usable `Host`. */
  readonly defaultHost: string;
  /** What a browser gets in place of an API's answer, from a Glance that asks for no token; null for nothing. */
  readonly pages: AnswerPage | null;
  /** As `req-` and a UUID. */
  readonly newRequestId: () => string;
}
