// Turns a store's refusals into errors.
import { type ErrorCode, type ErrorFacts, GlanceError } from '../errors.ts';
import { reasonOf } from '../http/status.ts';
import { plainSentence } from '../http/text/error-body.ts';
import type { Refusal } from './answers.ts';

/** A store's answer that is a refusal. */
export class S3Error extends GlanceError {
  override readonly name = 'S3Error';
  readonly status: number;
  /** The store's own code, such as `NoSuchKey`; null if it sends none, as for HEAD. */
  readonly s3Code: string | null;
  constructor(code: ErrorCode, message: string, answer: { status: number; s3Code: string | null }, facts: ErrorFacts) {
    super(code, message, { httpStatus: answer.status, ...facts });
    this.status = answer.status;
    this.s3Code = answer.s3Code;
  }
}

/**
 * The upload to which a part belongs is gone: somebody, or the store, completed or aborted it. A new one can be
 * started.
 */
export class UploadGoneError extends GlanceError {
  override readonly name = 'UploadGoneError';

  constructor(key: string, facts: ErrorFacts) {
    super('place.unavailable', `the upload of ${key} is gone: it was completed or aborted by somebody else`, facts);
  }
}

const deniedHints: Readonly<Record<string, string>> = {
  AccessDenied: 'these keys may not do that in this bucket: its owner has to allow it',
  SignatureDoesNotMatch: 'the secret key does not belong to the access key, or the region is not the one of the store',
  InvalidAccessKeyId: 'the store does not know the access key: check that the key and the endpoint belong together',
  ExpiredToken: 'the keys have expired: get new ones',
  RequestTimeTooSkewed: 'the clock of this machine is wrong',
  QuotaExceeded: 'the quota of the bucket or its owner is used up',
  AuthorizationHeaderMalformed: 'the region is not the one of the store: set AWS_REGION',
};

/** For an answer that is not from an S3 API. */
export const endpointHint = 'check that this is the endpoint of the S3 API';

/** The answers of stores about a bucket that is elsewhere. */
const redirects: ReadonlySet<number> = new Set([301, 302, 307, 308]);

/** Error codes by the store's code, where the status does not decide. */
const codes: Readonly<Record<string, ErrorCode>> = {
  NoSuchBucket: 'place.missing',
  SlowDown: 'place.unavailable',
  RequestTimeout: 'place.unavailable',
  InternalError: 'place.unavailable',
  ServiceUnavailable: 'place.unavailable',
  OperationAborted: 'place.unavailable',
  IncompleteBody: 'place.unavailable',
  ExpiredToken: 'place.denied',
  InvalidToken: 'place.denied',
  AuthorizationHeaderMalformed: 'place.denied',
  NotImplemented: 'place.unsupported',
};

/** Codes for data that arrived damaged. */
const damageCodes: ReadonlySet<string | null> = new Set(['BadDigest', 'XAmzContentSHA256Mismatch']);

/** Whether what was sent arrived damaged, so that another attempt may succeed. */
export function isDamage(s3Code: string | null): boolean {
  return damageCodes.has(s3Code);
}

function codeOf(status: number, s3Code: string | null): ErrorCode {
  const known = s3Code === null || !Object.hasOwn(codes, s3Code) ? undefined : codes[s3Code];
  if (known !== undefined) return known;
  if (isDamage(s3Code)) return 'place.unavailable';
  if (status === 401 || status === 403) return 'place.denied';
  if (status === 404) return 'place.missing';
  if (status === 416) return 'http.range';
  if (status === 501) return 'place.unsupported';
  // A refusal within an answer that began well is due to trouble in the store.
  if (status < 300 || status === 408 || status === 429 || status >= 500) return 'place.unavailable';
  return 'place.unsupported';
}

/**
 * The error for a refusal.
 * @param asked the host that answered, and the requested bucket
 * @param said the body as far as it was read; it is quoted if it is not an S3 refusal
 * @param hide removes secrets from a text
 */
export function refusalError(
  asked: { readonly host: string; readonly bucket: string },
  answer: { readonly status: number; readonly refusal: Refusal | null },
  said: { readonly type: string | null; readonly text: string },
  facts: ErrorFacts,
  hide: (text: string) => string,
): S3Error {
  const { status, refusal } = answer;
  const text = refusal === null ? said.text : [refusal.code, refusal.message].filter((part) => part !== '').join(': ');
  const sentence = plainSentence(refusal === null ? said.type : null, text, reasonOf(status), hide);
  const s3Code = refusal?.code ?? null;
  const code = codeOf(status, s3Code);
  const about = code === 'place.missing' ? ` for the bucket "${asked.bucket}"` : '';
  const what = `${asked.host} answered ${`${String(status)} ${reasonOf(status)}`.trim()}${about}`;
  const hint = hintFor(code, answer);
  return new S3Error(code, sentence === null ? what : `${what}: ${sentence}`, { status, s3Code }, { hint, ...facts });
}

function hintFor(
  code: ErrorCode,
  { status, refusal }: { status: number; refusal: Refusal | null },
): string | undefined {
  const { code: s3Code = '', endpoint = null } = refusal ?? {};
  if (Object.hasOwn(deniedHints, s3Code)) return deniedHints[s3Code];
  if (code === 'place.denied')
    return 'check the keys, the region and the endpoint, and what the keys may do in this bucket';
  if (code === 'place.missing') return 'check the name of the bucket and the endpoint; buckets are never created';
  if (!redirects.has(status)) return code === 'place.unsupported' && refusal === null ? endpointHint : undefined;
  return endpoint === null
    ? 'the bucket is in another region, or at another endpoint'
    : `give ${endpoint.slice(0, 200)} as the endpoint`;
}
