// A request as a value: what was received, and how S3 reads it.
import type { Pieces } from './state.ts';

/** The operations of S3 that the double knows, by the names that S3 gives them. */
export type Operation =
  | 'ListObjectsV2'
  | 'GetObject'
  | 'HeadObject'
  | 'PutObject'
  | 'DeleteObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'ListParts'
  | 'ListMultipartUploads'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'unknown';

export interface RequestHead {
  readonly method: string;
  /** Path and query as received. */
  readonly path: string;
  /** By lower-case name; several of one name are joined by a comma and a space. */
  readonly headers: Readonly<Record<string, string>>;
  readonly operation: Operation;
  /** Empty where none is named. */
  readonly bucket: string;
  /** Empty where none is named. */
  readonly key: string;
  /** Decoded; of several with one name, the last. */
  readonly query: ReadonlyMap<string, string>;
}

/** A request as it is remembered. */
export interface SeenS3Request extends RequestHead {
  /** Bytes of the body that have arrived. */
  readonly bytes: number;
  /** The status of the answer; null before that, and if the connection ended without an answer. */
  readonly status: number | null;
}

/** The body of a request, with what is computed as it comes. */
export interface ReceivedBody {
  readonly data: Pieces;
  readonly size: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly sha256: string;
}

export interface S3Request extends RequestHead {
  readonly body: ReceivedBody;
  /** A different number for each request. */
  readonly id: number;
  /** Milliseconds since 1970, by the store's clock. */
  readonly now: number;
}

/** @param isBucket whether there is one of that name: the host may begin with it */
export function readHead(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  isBucket: (name: string) => boolean,
): RequestHead {
  const [pathname = '', search = ''] = splitOnce(path, '?');
  const query = new Map<string, string>();
  for (const pair of search.split('&').filter((text) => text !== '')) {
    const [name = '', value = ''] = splitOnce(pair, '=');
    query.set(decode(name), decode(value));
  }
  const [label = ''] = splitOnce(headers['host'] ?? '', '.');
  const isVirtualHost = isBucket(label);
  const [first = '', rest = ''] = isVirtualHost ? [label, pathname.slice(1)] : splitOnce(pathname.slice(1), '/');
  const [bucket, key] = [decode(first), decode(rest)];
  return { method, path, headers, bucket, key, query, operation: operationOf(method, bucket, key, query) };
}

function operationOf(method: string, bucket: string, key: string, query: ReadonlyMap<string, string>): Operation {
  if (bucket === '') return 'unknown';
  if (key === '') {
    if (method !== 'GET') return 'unknown';
    if (query.has('uploads')) return 'ListMultipartUploads';
    return query.get('list-type') === '2' ? 'ListObjectsV2' : 'unknown';
  }
  const isUpload = query.has('uploadId');
  switch (method) {
    case 'GET':
      return isUpload ? 'ListParts' : 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'PUT':
      return isUpload ? 'UploadPart' : 'PutObject';
    case 'DELETE':
      return isUpload ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      if (query.has('uploads')) return 'CreateMultipartUpload';
      return isUpload ? 'CompleteMultipartUpload' : 'unknown';
    default:
      return 'unknown';
  }
}

/** Everything but letters, digits and `-._~` is percent-encoded, as S3 does it. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Decodes percent-encoded UTF-8; anything else stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
