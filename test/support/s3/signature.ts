// Signature Version 4, computed by hand, so that the double proves what a client's library signs.
// See https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Failure, type Xml } from './answer.ts';
import type { Flavour } from './flavours.ts';
import { decode, percentEncode, type RequestHead, type S3Request, splitOnce } from './request.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Absent: the credentials are not temporary. */
  readonly sessionToken?: string;
  readonly isExpired?: boolean;
}

/** What a signature says it is for. */
interface Signed {
  readonly accessKeyId: string;
  /** `YYYYMMDD`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly names: readonly string[];
  readonly signature: string;
}

const maxSkewMs = 15 * 60 * 1000;

/** Checks who a request is from. @throws Failure where a store would refuse it */
export function verifySignature(request: S3Request, credentials: Credentials, flavour: Flavour, region: string): void {
  const signed = parseAuthorization(request.headers['authorization']);
  const { sessionToken, isExpired = false } = credentials;
  const timestamp = request.headers['x-amz-date'] ?? '';
  if (Math.abs(parseTimestamp(timestamp) - request.now) > maxSkewMs) throw new Failure('RequestTimeTooSkewed');
  if (!timestamp.startsWith(signed.date)) throw new Failure('AccessDenied');
  if (signed.service !== 's3') throw new Failure('AuthorizationHeaderMalformed');
  if (flavour.signature.region === 'checked' && signed.region !== region) {
    throw new Failure('AuthorizationHeaderMalformed', [['Region', region]], regionHeader(flavour, region));
  }
  if (signed.accessKeyId !== credentials.accessKeyId && flavour.signature.unknownKey === 'InvalidAccessKeyId') {
    throw new Failure('InvalidAccessKeyId', [['AWSAccessKeyId', signed.accessKeyId]]);
  }
  const canonical = canonicalRequest(request, signed.names);
  const toSign = stringToSign(canonical, timestamp, signed);
  const own = computeSignature(toSign, credentials.secretAccessKey, signed);
  if (signed.accessKeyId !== credentials.accessKeyId || !isEqual(own, signed.signature)) {
    throw new Failure('SignatureDoesNotMatch', mismatchDetails(signed, toSign, canonical));
  }
  if (flavour.signature.sessionToken === 'ignored') return;
  if (isExpired) throw new Failure('ExpiredToken');
  if (request.headers['x-amz-security-token'] !== sessionToken) throw new Failure('InvalidToken');
}

/** If the signature covers the body, checks that it is the signature of this body. @throws Failure if not */
export function verifyBody(request: S3Request, flavour: Flavour): void {
  const signed = request.headers['x-amz-content-sha256'];
  if (signed === 'UNSIGNED-PAYLOAD') return;
  if (signed === undefined || !/^[0-9a-f]{64}$/.test(signed)) throw new Failure('NotImplemented');
  if (signed !== request.body.sha256) throw new Failure(flavour.signature.otherBody);
}

/** The region that a request is signed for; null if it is not signed. */
export function findSignedRegion({ headers }: RequestHead): string | null {
  return /Credential=[^,]*\/\d{8}\/([^/,]+)\//.exec(headers['authorization'] ?? '')?.[1] ?? null;
}

export function regionHeader({ name }: Flavour, region: string): readonly (readonly [string, string])[] {
  return name === 'aws' ? [['x-amz-bucket-region', region]] : [];
}

/** The headers of a request with a signature, for tests that query the double by hand. */
export function signHeaders(
  head: Pick<RequestHead, 'method' | 'path' | 'headers'>,
  credentials: Credentials,
  { region, at, sha256 }: { readonly region: string; readonly at: number; readonly sha256: string },
): Readonly<Record<string, string>> {
  const timestamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const token = credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken };
  const headers = { ...head.headers, ...token, 'x-amz-content-sha256': sha256, 'x-amz-date': timestamp };
  const names = Object.keys(headers).toSorted();
  const scope = { date: timestamp.slice(0, 8), region, service: 's3' };
  const toSign = stringToSign(canonicalRequest({ ...head, headers }, names), timestamp, scope);
  const signature = computeSignature(toSign, credentials.secretAccessKey, scope);
  const credential = `${credentials.accessKeyId}/${scopeOf(scope)}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}

function parseAuthorization(header: string | undefined): Signed {
  if (header === undefined) throw new Failure('AccessDenied');
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (match === null) throw new Failure('AuthorizationHeaderMalformed');
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', signature = ''] = match;
  return { accessKeyId, date, region, service, names: names.split(';'), signature };
}

/** @throws Failure unless it is `YYYYMMDDTHHMMSSZ` */
function parseTimestamp(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) throw new Failure('AccessDenied');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** @throws Failure if the host or one of S3's own headers is not signed */
function canonicalRequest(
  { method, path, headers }: Pick<RequestHead, 'method' | 'path' | 'headers'>,
  names: readonly string[],
): string {
  const unsigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))].find(
    (name) => !names.includes(name),
  );
  if (unsigned !== undefined) throw new Failure('AccessDenied', [['HeadersNotSigned', unsigned]]);
  const [pathname = '', search = ''] = splitOnce(path, '?');
  const query = search
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = splitOnce(pair, '=');
      return `${percentEncode(decode(name))}=${percentEncode(decode(value))}`;
    })
    .toSorted((left, right) => (left < right ? -1 : 1));
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`);
  const sha256 = headers['x-amz-content-sha256'] ?? '';
  const encoded = pathname.split('/').map((segment) => percentEncode(decode(segment)));
  return [method, encoded.join('/'), query.join('&'), ...lines, '', names.join(';'), sha256].join('\n');
}

type Scope = Pick<Signed, 'date' | 'region' | 'service'>;

function scopeOf({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/aws4_request`;
}

function stringToSign(canonical: string, timestamp: string, scope: Scope): string {
  const digest = createHash('sha256').update(canonical).digest('hex');
  return ['AWS4-HMAC-SHA256', timestamp, scopeOf(scope), digest].join('\n');
}

function computeSignature(toSign: string, secret: string, { date, region, service }: Scope): string {
  const key = [date, region, service, 'aws4_request'].reduce(
    (signing, part) => createHmac('sha256', signing).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return createHmac('sha256', key).update(toSign).digest('hex');
}

function isEqual(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

/** What AWS and Swift repeat of a request whose signature does not match. */
function mismatchDetails(signed: Signed, toSign: string, canonical: string): readonly Xml[] {
  const bytesOf = (text: string): string =>
    [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return [
    ['AWSAccessKeyId', signed.accessKeyId],
    ['StringToSign', toSign],
    ['SignatureProvided', signed.signature],
    ['StringToSignBytes', bytesOf(toSign)],
    ['CanonicalRequest', canonical],
    ['CanonicalRequestBytes', bytesOf(canonical)],
  ];
}
