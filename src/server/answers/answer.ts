// A request and its answer as values, and the options of a server.
import type { ImageBytes } from './image-bytes.ts';

/** The parts of a request on which an answer depends. */
export interface ServerRequest {
  readonly method: string;
  /** Path and query as received, still percent-encoded. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A request to one of the APIs, split into its parts. */
export interface ApiRequest {
  readonly request: ServerRequest;
  /** Decoded, without the version. */
  readonly path: string;
  /** Still encoded, without `?`. */
  readonly query: string;
  /** `http://host:port`, as the client sees this server. */
  readonly origin: string;
}

/** A header as it is sent: each character of the value is one byte. */
export type HeaderPair = readonly [name: string, value: string];

/** A part of image data: from byte `start` up to, not including, `end`. */
export interface DataBody {
  readonly data: ImageBytes;
  readonly start: number;
  readonly end: number;
}

/** A body whose length is unknown before it is sent. */
export interface TextBody {
  /** The text in pieces of bounded length, made while it is sent. Iterate only once. */
  readonly pieces: Iterable<string>;
}

/** An answer, complete except for what the connection adds (`Date`, `Connection`). */
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
  /** Such as `v1.1` or `v2.16`. */
  readonly id: string;
  /** `CURRENT SUPPORTED DEPRECATED`. */
  readonly status: string;
  /** First segment of the paths. */
  readonly path: 'v1' | 'v2';
}

/** Answers with a page; null if the client is not a browser or requests no page. */
export type AnswerPage = (call: ApiRequest) => Answer | null;

/** How a server answers. */
export interface HandlerOptions {
  /**
   * `glance`: like a real Glance of the last series with v1. `document`: like the examples of the 2011 specification.
   */
  readonly style: 'glance' | 'document';
  /** Whether API v1 honours `Range`, which a real one ignores. v2 always honours it. */
  readonly ranges: boolean;
  /** The required `X-Auth-Token`. Null: none is required. */
  readonly token: string | null;
  /** `anonymous`: what a real Glance shows without a token. `everything`: the whole catalog. */
  readonly view: 'everything' | 'anonymous';
  /** The list of versions, in its order; only APIs in it are served. */
  readonly versions: readonly ApiVersion[];
  /** `host:port` for links if the request has no usable `Host`. */
  readonly defaultHost: string;
  /** Serves pages to browsers in place of an API's answer, if no token is required; null to serve none. */
  readonly pages: AnswerPage | null;
  /** Creates `req-` and a UUID. */
  readonly newRequestId: () => string;
}
