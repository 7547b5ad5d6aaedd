// Answers as values, and their XML.
import type { HeaderPair } from '../../../src/server/answers/answer.ts';
import type { Flavour } from './flavours.ts';
import type { S3Request } from './request.ts';
import type { Change } from './state.ts';

export interface S3Answer {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly body: readonly Buffer[];
}

/** The outcome of a request: an answer, and what changes in the store. */
export interface Outcome {
  readonly answer: S3Answer;
  readonly changes: readonly Change[];
}

/** An element with a text or with elements in it. */
export type Xml = readonly [name: string, content: string | readonly Xml[]];

const reserved: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function renderXml([name, content]: Xml, attributes = ''): string {
  const inner =
    typeof content === 'string'
      ? content.replaceAll(/[&<>"]/g, (char) => reserved[char] ?? char)
      : content.map((child) => renderXml(child)).join('');
  return `<${name}${attributes}>${inner}</${name}>`;
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** An answer of 200 with a document. */
export function answerXml(flavour: Flavour, request: S3Request, document: Xml): S3Answer {
  const text = declaration + renderXml(document, ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"');
  return makeAnswer(flavour, request, 200, [['Content-Type', 'application/xml']], [Buffer.from(text)]);
}

export function makeAnswer(
  flavour: Flavour,
  request: S3Request,
  status: number,
  headers: readonly HeaderPair[],
  body: readonly Buffer[] = [],
): S3Answer {
  const hasLength = status === 204 || headers.some(([name]) => name === 'Content-Length');
  const bytes = body.reduce((sum, { length }) => sum + length, 0);
  const length: readonly HeaderPair[] = hasLength ? [] : [['Content-Length', String(bytes)]];
  return { status, headers: [...length, ...headers, ...idsOf(flavour, request)], body };
}

/** An answer without a document. Where Swift has a type for it, the type is odd. */
export function answerEmpty(
  flavour: Flavour,
  request: S3Request,
  status: number,
  headers: readonly HeaderPair[] = [],
): S3Answer {
  const type: readonly HeaderPair[] = flavour.name === 'swift' ? [['Content-Type', 'text/html; charset=UTF-8']] : [];
  return makeAnswer(flavour, request, status, [...type, ...headers]);
}

function requestIdOf({ id }: S3Request): string {
  return `tx${id.toString(16).padStart(21, '0')}`;
}

function idsOf({ name }: Flavour, request: S3Request): readonly HeaderPair[] {
  const id = requestIdOf(request);
  switch (name) {
    case 'aws':
      return [
        ['x-amz-id-2', `host-${id}`],
        ['x-amz-request-id', id],
        ['Server', 'AmazonS3'],
      ];
    case 'rgw':
      return [['x-amz-request-id', id]];
    case 'swift':
      return ['x-amz-id-2', 'x-amz-request-id', 'X-Trans-Id', 'X-Openstack-Request-Id'].map((header) => [header, id]);
    default:
      return name satisfies never;
  }
}

/** The reason why a request fails, thrown by handlers and answered by their caller. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: ErrorCode;
  readonly details: readonly Xml[];
  readonly headers: readonly HeaderPair[];
  readonly status: number;

  /** @param details elements besides code and message, if the flavour gives any */
  constructor(code: ErrorCode, details: readonly Xml[] = [], headers: readonly HeaderPair[] = [], status?: number) {
    super(code);
    this.code = code;
    this.details = details;
    this.headers = headers;
    this.status = status ?? errors[code][0];
  }
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const errors = {
  AccessDenied: [403, 'Access Denied.'],
  AuthorizationHeaderMalformed: [400, 'The authorization header is malformed.'],
  BadDigest: [400, 'The Content-MD5 you specified did not match what we received.'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed object size.'],
  ExpiredToken: [400, 'The provided token has expired.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The AWS Access Key Id you provided does not exist in our records.'],
  InvalidArgument: [400, 'Invalid Argument.'],
  InvalidDigest: [400, 'The Content-MD5 you specified was an invalid.'],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found. The part might not have been uploaded, or the specified entity tag might not have matched the part's entity tag.",
  ],
  InvalidPartOrder: [
    400,
    'The list of parts was not in ascending order.Parts list must specified in order by part number.',
  ],
  InvalidRange: [416, 'The requested range cannot be satisfied.'],
  InvalidRequest: [400, 'Invalid Request.'],
  InvalidToken: [400, 'The provided token is malformed or otherwise invalid.'],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [
    404,
    'The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might have been aborted or completed.',
  ],
  NotImplemented: [501, 'Not Implemented.'],
  PermanentRedirect: [
    301,
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
  ],
  PreconditionFailed: [412, 'At least one of the preconditions you specified did not hold.'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the current time is too large.'],
  RequestTimeout: [
    400,
    'Your socket connection to the server was not read from or written to within the timeout period.',
  ],
  ServiceUnavailable: [503, 'Please reduce your request rate.'],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  SlowDown: [503, 'Please reduce your request rate.'],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],
} as const satisfies Readonly<Record<string, readonly [status: number, message: string]>>;

export type ErrorCode = keyof typeof errors;

/** The document of a failure. */
export function errorDocument(flavour: Flavour, request: S3Request, failure: Failure): Xml {
  const { code, details } = failure;
  const hasMessage = flavour.hasMessages || code === 'InternalError';
  const message: Xml = ['Message', hasMessage ? errors[code][1] : ''];
  const id: Xml = ['RequestId', requestIdOf(request)];
  if (flavour.name === 'rgw') {
    const isAnonymous = ['SignatureDoesNotMatch', 'InvalidAccessKeyId', 'RequestTimeTooSkewed'].includes(code);
    const bucket: readonly Xml[] = isAnonymous ? [] : [['BucketName', request.bucket]];
    return ['Error', [['Code', code], message, ...bucket, id, ['HostId', 'double']]];
  }
  const host: readonly Xml[] = flavour.name === 'aws' ? [['HostId', 'double']] : [];
  // What Swift only notices after it has begun to answer a completion lacks the request's id.
  const isLate = flavour.name === 'swift' && ['InvalidPart', 'EntityTooSmall', 'InvalidRequest'].includes(code);
  return ['Error', [['Code', code], message, ...(isLate ? [] : [id]), ...host, ...details]];
}

export function answerFailure(flavour: Flavour, request: S3Request, failure: Failure): S3Answer {
  const headers: readonly HeaderPair[] = [['Content-Type', 'application/xml'], ...failure.headers];
  const ranges: readonly HeaderPair[] = flavour.name === 'rgw' ? [['Accept-Ranges', 'bytes']] : [];
  const text = declaration + renderXml(errorDocument(flavour, request, failure));
  return makeAnswer(flavour, request, failure.status, [...headers, ...ranges], [Buffer.from(text)]);
}
