// The errors of the whole program: a base class, with the facts of a failure as fields. The codes are in error-codes.ts. Knows
// nothing of text layout and exit codes: those are decided in one place, cli/console/report.ts.
import { type ErrorCode, isRetryable } from './error-codes.ts';

export { type ErrorCode, errorCodes, isFinalForImage, isLasting, isPassing, isRetryable } from './error-codes.ts';

/** What is known about a failure besides its code and message. Absent: not known or not applicable. */
export interface ErrorFacts {
  /** What to do next, one sentence. */
  readonly hint?: string | undefined;
  /** Lines for the user to copy, printed below the hint, which says what they are for. */
  readonly steps?: readonly string[] | undefined;
  /** How often the request was tried, ≥ 1. */
  readonly attempts?: number | undefined;
  /** The image concerned: its id or, if that is not known, its name or URI. */
  readonly image?: string | undefined;
  /** The requested URL, already redacted. */
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  /** HTTP status that answered, 100–599. */
  readonly httpStatus?: number | undefined;
  /** The server's `x-openstack-request-id`. */
  readonly requestId?: string | undefined;
  /** An unfinished file that was kept, and the bytes in it. */
  readonly partial?: { readonly path: string; readonly bytes: number } | undefined;
  /** The least the server wants us to wait before the next try, milliseconds, from `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** An error as JSON: what `--error-format json` prints, but for the exit code. Unset is null. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  /** With its steps as further lines. */
  readonly hint: string | null;
  readonly retryable: boolean;
  readonly attempts: number;
  readonly image: string | null;
  readonly url: string | null;
  readonly http_status: number | null;
  readonly request_id: string | null;
  readonly partial: { readonly path: string; readonly bytes: number } | null;
  /** AmbiguousImageError only. */
  readonly matches?: readonly Candidate[];
  /** PartialError only. */
  readonly failures?: readonly Failure[];
  /** IntegrityError only. */
  readonly algorithm?: string;
  /** Of an IntegrityError digests, of a SizeError bytes. */
  readonly expected?: string | number;
  readonly actual?: string | number;
}

/** A failure this program understands. Anything else that is thrown is a bug. */
export class GlanceError extends Error {
  override readonly name: string = 'GlanceError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.facts = facts;
  }

  /** For logs: without the cause, and as free of secrets as the message. */
  toJSON(): ErrorRecord {
    const { hint, steps = [], attempts, image, url, httpStatus, requestId, partial } = this.facts;
    return {
      code: this.code,
      message: this.message,
      hint: hint === undefined ? null : [hint, ...steps].join('\n'),
      retryable: isRetryable(this.code),
      attempts: attempts ?? 1,
      image: image ?? null,
      url: url ?? null,
      http_status: httpStatus ?? null,
      request_id: requestId ?? null,
      partial: partial ?? null,
    };
  }
}

/** A response with an error status. `facts.httpStatus`, `facts.method` and `facts.url` are always set. */
export class HttpError extends GlanceError {
  override readonly name = 'HttpError';
  readonly status: number;

  constructor(code: ErrorCode, message: string, status: number, facts: ErrorFacts) {
    super(code, message, { ...facts, httpStatus: status });
    this.status = status;
  }
}

/** A digest that does not match. Digests are lower-case hex. */
export class IntegrityError extends GlanceError {
  override readonly name = 'IntegrityError';
  readonly algorithm: string;
  readonly expected: string;
  readonly actual: string;
  /** Bytes of image data the digest was computed over. */
  readonly bytes: number;

  constructor(
    message: string,
    digest: { algorithm: string; expected: string; actual: string; bytes: number },
    facts: ErrorFacts = {},
  ) {
    super('integrity.digest', message, facts);
    this.algorithm = digest.algorithm;
    this.expected = digest.expected;
    this.actual = digest.actual;
    this.bytes = digest.bytes;
  }

  override toJSON(): ErrorRecord {
    const { algorithm, expected, actual } = this;
    return { ...super.toJSON(), algorithm, expected, actual };
  }
}

/** Image data that is too short or too long. Both numbers are bytes; `actual` is a lower bound if it is too long. */
export class SizeError extends GlanceError {
  override readonly name = 'SizeError';
  readonly expected: number;
  readonly actual: number;

  constructor(code: ErrorCode, message: string, size: { expected: number; actual: number }, facts: ErrorFacts = {}) {
    super(code, message, facts);
    this.expected = size.expected;
    this.actual = size.actual;
  }

  override toJSON(): ErrorRecord {
    return { ...super.toJSON(), expected: this.expected, actual: this.actual };
  }
}

/** One of several images that a query matched. */
export interface Candidate {
  readonly id: string;
  readonly name: string | null;
  /** ISO 8601, UTC. */
  readonly created_at: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly visibility: string | null;
}

/** Several images match where one is needed. */
export class AmbiguousImageError extends GlanceError {
  override readonly name = 'AmbiguousImageError';
  readonly query: string;
  /** Two or more, in the order the server listed them. */
  readonly matches: readonly Candidate[];

  constructor(message: string, query: string, matches: readonly Candidate[], facts: ErrorFacts = {}) {
    super('image.ambiguous', message, { ...facts, image: query });
    this.query = query;
    this.matches = matches;
  }

  override toJSON(): ErrorRecord {
    return { ...super.toJSON(), matches: this.matches };
  }
}

/** A failure of one of several images. */
export interface Failure {
  /** As the user named it. */
  readonly image: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Some of several images failed; the others are done. */
export class PartialError extends GlanceError {
  override readonly name = 'PartialError';
  /** All of them, in the order in which they failed. */
  readonly failures: readonly Failure[];

  constructor(message: string, failures: readonly Failure[], facts: ErrorFacts = {}) {
    super('partial', message, facts);
    this.failures = failures;
  }

  override toJSON(): ErrorRecord {
    return { ...super.toJSON(), failures: this.failures };
  }
}

/** Adds facts to `error`, keeping those that it has. An error that is not a GlanceError is returned unchanged. */
export function addFacts(error: unknown, facts: ErrorFacts): unknown {
  return error instanceof GlanceError ? replaceFacts(error, { ...facts, ...known(error.facts) }) : error;
}

/** Sets these facts of `error`, replacing any that it has under the same names, and returns it. */
export function replaceFacts(error: GlanceError, facts: ErrorFacts): GlanceError {
  const value = { ...error.facts, ...facts };
  Object.defineProperty(error, 'facts', { value, enumerable: true, configurable: true });
  return error;
}

function known(facts: ErrorFacts): ErrorFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
