// ListObjectsV2 and ListMultipartUploads, page by page.
import { answerXml, Failure, type Outcome, type Xml } from './answer.ts';
import type { Flavour } from './flavours.ts';
import { quote, unchanged } from './objects.ts';
import type { S3Request } from './request.ts';
import type { Settings } from './settings.ts';
import type { Bucket, State, StoredObject, Upload } from './state.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjects(request: S3Request, bucket: Bucket, settings: Settings, state: State): Outcome {
  const { flavour } = settings;
  const { query } = request;
  const prefix = query.get('prefix') ?? '';
  const token = query.get('continuation-token');
  const max = readCount(request, 'max-keys', settings);
  const from = token === undefined ? (query.get('start-after') ?? '') : readToken(token, flavour);
  const keys = state.keysOf(bucket.name);
  const page: string[] = [];
  let at = findAfter(keys, from, prefix);
  for (; page.length < max && keys[at]?.startsWith(prefix) === true; at += 1) page.push(keys[at] ?? '');
  const isTruncated = keys[at]?.startsWith(prefix) === true;
  const encode = encoderOf(request, flavour);
  const next: readonly Xml[] =
    isTruncated && page.length > 0 ? [['NextContinuationToken', makeToken(page.at(-1) ?? '', flavour)]] : [];
  const contents = page
    .map((key) => bucket.objects.get(key))
    .filter((object) => object !== undefined)
    .map((object): Xml => ['Contents', describeObject(object, flavour, encode)]);
  const document: Xml = [
    'ListBucketResult',
    [
      ['Name', bucket.name],
      ['Prefix', encode(prefix, true)],
      ...(token === undefined ? [] : [['ContinuationToken', token] as const]),
      ...next,
      ['KeyCount', String(page.length)],
      ['MaxKeys', String(max)],
      ...encodingOf(request),
      ['IsTruncated', String(isTruncated)],
      ...contents,
    ],
  ];
  return unchanged(answerXml(flavour, request, document));
}

type Encode = (key: string, isPrefix?: boolean) => string;

function describeObject(object: StoredObject, { name }: Flavour, encode: Encode): readonly Xml[] {
  return [
    ['Key', encode(object.key)],
    ['LastModified', new Date(object.modified).toISOString()],
    ['ETag', quote(object.etag)],
    ['Size', String(object.size)],
    ['StorageClass', 'STANDARD'],
    ...(name === 'rgw' ? [['Type', 'Normal'] as const] : []),
  ];
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function listUploads(request: S3Request, bucket: Bucket, settings: Settings): Outcome {
  const { flavour } = settings;
  const { query } = request;
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const max = readCount(request, 'max-uploads', settings);
  // Without an id, uploads of the key itself are left out, except by RGW.
  const fromId = idMarker === '' && flavour.name !== 'rgw' ? '\uffff' : idMarker;
  const isAfter = ({ key, id }: Upload): boolean => key > keyMarker || (key === keyMarker && id > fromId);
  const all = [...bucket.uploads.values()]
    .filter((upload) => !upload.isCompleted && upload.key.startsWith(prefix) && isAfter(upload))
    .toSorted((left, right) => (left.key + left.id < right.key + right.id ? -1 : 1));
  const page = all.slice(0, max);
  // Swift says so of every full page, whether or not anything follows.
  const isTruncated = flavour.name === 'swift' ? page.length === max : all.length > max;
  const isEncoded = flavour.name !== 'rgw';
  const encode: Encode = isEncoded ? encoderOf(request, flavour) : String;
  const uploads = page.map((upload): Xml => ['Upload', describeUpload(upload, settings, encode)]);
  const document: Xml = [
    'ListMultipartUploadsResult',
    [
      ['Bucket', bucket.name],
      ...markersOf(flavour, keyMarker, idMarker, page, isTruncated),
      ...(prefix !== '' || flavour.name === 'aws' ? [['Prefix', encode(prefix, true)] as const] : []),
      ['MaxUploads', String(max)],
      ...(isEncoded ? encodingOf(request) : []),
      ['IsTruncated', String(isTruncated)],
      ...uploads,
    ],
  ];
  return unchanged(answerXml(flavour, request, document));
}

/** Where a page began and where the next one does; each store leaves out different ones of them. */
function markersOf(
  { name }: Flavour,
  keyMarker: string,
  idMarker: string,
  page: readonly Upload[],
  isTruncated: boolean,
): readonly Xml[] {
  const last = page.at(-1);
  const begun: readonly Xml[] = [
    ['KeyMarker', keyMarker],
    ['UploadIdMarker', idMarker],
  ];
  const isTold = { aws: isTruncated, rgw: true, swift: page.length > 1 }[name];
  const [nextKey, nextId] = isTold ? [last?.key ?? '', last?.id ?? ''] : ['', ''];
  const next: readonly Xml[] = [
    ['NextKeyMarker', nextKey],
    ['NextUploadIdMarker', nextId],
  ];
  return name === 'rgw' ? [...begun, ...next].filter(([, text]) => text !== '') : [...begun, ...next];
}

function describeUpload(
  { key, id, initiated }: Upload,
  { flavour, credentials }: Settings,
  encode: Encode,
): readonly Xml[] {
  const who = flavour.name === 'swift' ? credentials.accessKeyId : 'tester';
  const person: readonly Xml[] = [
    ['ID', who],
    ['DisplayName', who],
  ];
  return [
    ['Key', encode(key)],
    ['UploadId', id],
    ['Initiator', person],
    ['Owner', person],
    ['StorageClass', 'STANDARD'],
    ['Initiated', new Date(initiated).toISOString()],
  ];
}

/** The maximum number of entries requested. @throws Failure unless it is a number */
export function readCount({ query }: S3Request, name: string, { pageEntries }: Settings): number {
  const text = query.get(name) ?? String(pageEntries);
  if (!/^\d{1,9}$/.test(text)) {
    throw new Failure('InvalidArgument', [
      ['ArgumentName', name],
      ['ArgumentValue', text],
    ]);
  }
  return Math.min(Number(text), pageEntries);
}

function encodingOf({ query }: S3Request): readonly Xml[] {
  return query.get('encoding-type') === 'url' ? [['EncodingType', 'url']] : [];
}

function encoderOf({ query }: S3Request, flavour: Flavour): Encode {
  return (key, isPrefix = false) => (query.get('encoding-type') === 'url' ? flavour.encodeKey(key, isPrefix) : key);
}

/** RGW's tokens are keys, the others' nothing that a client can read. */
function makeToken(key: string, { name }: Flavour): string {
  return name === 'rgw' ? key : Buffer.from(key).toString('base64');
}

function readToken(token: string, { name }: Flavour): string {
  if (name === 'rgw') return token;
  const key = Buffer.from(token, 'base64').toString('utf8');
  if (Buffer.from(key).toString('base64') === token) return key;
  if (name === 'swift') throw new Failure('InternalError', [['Reason', 'the token cannot be decoded']]);
  throw new Failure('InvalidArgument', [['ArgumentName', 'continuation-token']]);
}

/** The index of the first key that comes after `from` and not before `prefix`. */
function findAfter(keys: readonly string[], from: string, prefix: string): number {
  const isBefore = (key: string): boolean => (from !== '' && key <= from) || key < prefix;
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(keys[middle] ?? '')) low = middle + 1;
    else high = middle;
  }
  return low;
}
