// The requests of each operation, as values.
import { createHash } from 'node:crypto';
import type { BodyContent, BodyStream } from '../http/request-body.ts';
import type { Method } from '../http/exchange.ts';
import type { UploadMarker } from './answers.ts';
import { escapeXml } from './xml.ts';

/** One request, unsigned. */
export interface S3Request {
  readonly method: Method;
  /** Key of the object; empty for the bucket itself. */
  readonly key: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** All of them are signed. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: BodyContent | null;
  /** Media type of the body, or null. */
  readonly contentType: string | null;
  /** The requested bytes, including the last one. */
  readonly range: { readonly first: number; readonly last: number } | null;
  /** Whether the answer, or what is sent, may take as long as image data. */
  readonly isLarge: boolean;
}

/** A part that is sent as it arrives. It can be sent only once, so it is not retried. */
export interface PartStream {
  /** Bytes. */
  readonly length: number;
  /** Chunks may have any size, and must not change once they are handed out. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A part of an upload, in the list that completes it. */
export interface UploadedPart {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
}

/**
 * Bodies up to this size are signed with their SHA-256. Larger ones, whose MD5 is a signed header, are not read a
 * second time.
 */
const mostSigned = 1024 * 1024;

const pageSize = '1000';

function request(method: Method, key: string, rest: Partial<S3Request> = {}): S3Request {
  const plain = { query: [], headers: [], body: null, contentType: null, range: null, isLarge: false };
  return { ...plain, method, key, ...rest };
}

/** @param token where the page begins; null for the first */
export function listObjectsRequest(prefix: string, token: string | null): S3Request {
  const at = token === null ? [] : [['continuation-token', token] as const];
  const query = [
    ['list-type', '2'],
    ['max-keys', pageSize],
    ['encoding-type', 'url'],
    ['prefix', prefix],
    ...at,
  ] as const;
  return request('GET', '', { query });
}

/** @param marker where the page begins; null for the first */
export function listUploadsRequest(prefix: string, marker: UploadMarker | null): S3Request {
  const { key, uploadId } = marker ?? {};
  const at =
    key === undefined || uploadId === undefined
      ? []
      : ([
          ['key-marker', key],
          ['upload-id-marker', uploadId],
        ] as const);
  const query = [['uploads', ''], ['max-uploads', pageSize], ['prefix', prefix], ...at] as const;
  return request('GET', '', { query });
}

/** @param marker the number of the part before the page; null for the first */
export function listPartsRequest(key: string, uploadId: string, marker: string | null): S3Request {
  const at = marker === null ? [] : [['part-number-marker', marker] as const];
  return request('GET', key, { query: [['uploadId', uploadId], ['max-parts', pageSize], ...at] });
}

/** @param range null for all of it */
export function getRequest(key: string, range: S3Request['range'], isLarge: boolean): S3Request {
  return request('GET', key, { range, isLarge });
}

export function headRequest(key: string): S3Request {
  return request('HEAD', key);
}

export function removeRequest(key: string): S3Request {
  return request('DELETE', key);
}

/** @param md5 of the bytes, in hexadecimal */
export function putRequest(key: string, bytes: Uint8Array, md5: string, contentType: string | null): S3Request {
  return request('PUT', key, { body: bytes, contentType, headers: md5Header(md5), isLarge: true });
}

export function createUploadRequest(key: string): S3Request {
  return request('POST', key, { query: [['uploads', '']] });
}

/** @param md5 of the bytes, in hexadecimal; null if not known yet */
export function putPartRequest(
  key: string,
  uploadId: string,
  number: number,
  body: Uint8Array | PartStream,
  md5: string | null,
): S3Request {
  const query = [
    ['partNumber', String(number)],
    ['uploadId', uploadId],
  ] as const;
  return request('PUT', key, { query, body, headers: md5 === null ? [] : md5Header(md5), isLarge: true });
}

/** @param parts in the order of their numbers */
export function completeUploadRequest(key: string, uploadId: string, parts: readonly UploadedPart[]): S3Request {
  const listed = parts.map(
    ({ number, etag }) => `<Part><PartNumber>${String(number)}</PartNumber><ETag>"${escapeXml(etag)}"</ETag></Part>`,
  );
  const body = Buffer.from(`<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`);
  return request('POST', key, { query: [['uploadId', uploadId]], body, contentType: 'application/xml', isLarge: true });
}

export function abortUploadRequest(key: string, uploadId: string): S3Request {
  return request('DELETE', key, { query: [['uploadId', uploadId]] });
}

/** The `x-amz-content-sha256` of a body. */
export function contentSha256(body: BodyContent | null): string {
  if (isStream(body) || (body !== null && body.length > mostSigned)) return 'UNSIGNED-PAYLOAD';
  return createHash('sha256')
    .update(body ?? '')
    .digest('hex');
}

/** Whether a body can be sent only once. */
export function isStream(body: BodyContent | null): body is BodyStream {
  return body !== null && typeof body === 'object' && 'chunks' in body;
}

function md5Header(md5: string): S3Request['headers'] {
  return [['content-md5', Buffer.from(md5, 'hex').toString('base64')]];
}
