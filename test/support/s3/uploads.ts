// Multipart uploads: begun, sent, listed, aborted. Their completion is in completion.ts. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
import { createHash } from 'node:crypto';
import { answerEmpty, answerXml, Failure, type Outcome, type Xml } from './answer.ts';
import { readCount } from './lists.ts';
import { checkMd5, etagOf, quote, roundTime, stored, unchanged } from './objects.ts';
import type { S3Request } from './request.ts';
import type { Settings } from './settings.ts';
import type { Bucket, Part, Upload } from './state.ts';

export function createUpload(request: S3Request, bucket: Bucket, { flavour }: Settings): Outcome {
  const { key, headers, now } = request;
  const upload: Upload = {
    id: makeUploadId(request, flavour.name),
    key,
    contentType: headers['content-type'] ?? null,
    initiated: roundTime(now, flavour),
    parts: new Map(),
    isCompleted: false,
  };
  const document: Xml = [
    'InitiateMultipartUploadResult',
    [
      ['Bucket', bucket.name],
      ['Key', key],
      ['UploadId', upload.id],
    ],
  ];
  return {
    answer: answerXml(flavour, request, document),
    changes: [{ type: 'putUpload', bucket: bucket.name, upload }],
  };
}

/** Made of the same characters as the store's own ids, and the same each time. */
function makeUploadId({ id, key }: S3Request, name: Settings['flavour']['name']): string {
  const random = createHash('sha256')
    .update(`${String(id)} ${key}`)
    .digest('base64url');
  return name === 'rgw' ? `2~${random.slice(0, 31)}` : random;
}

/** @throws Failure if that key has no upload with that id */
export function getUpload({ key, query }: S3Request, bucket: Bucket): Upload {
  const id = query.get('uploadId') ?? '';
  const upload = bucket.uploads.get(id);
  if (upload === undefined || upload.key !== key) throw new Failure('NoSuchUpload', [['UploadId', id]]);
  return upload;
}

export function putPart(request: S3Request, bucket: Bucket, settings: Settings): Outcome {
  const { flavour } = settings;
  const { query, body } = request;
  const [first, last] = flavour.partNumbers;
  const text = query.get('partNumber') ?? '';
  const number = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (number < first || number > last) {
    throw new Failure('InvalidArgument', [
      ['ArgumentName', 'partNumber'],
      ['ArgumentValue', text],
    ]);
  }
  const upload = getUpload(request, bucket);
  checkMd5(request);
  const part: Part = {
    number,
    data: body.data,
    size: body.size,
    etag: etagOf(body.md5, settings),
    modified: roundTime(request.now, flavour),
  };
  return {
    answer: answerEmpty(flavour, request, 200, stored(part, flavour)),
    changes: [{ type: 'putPart', bucket: bucket.name, uploadId: upload.id, part }],
  };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function listParts(request: S3Request, bucket: Bucket, settings: Settings): Outcome {
  const { flavour } = settings;
  const upload = getListedUpload(request, bucket, settings);
  const max = readCount(request, 'max-parts', settings);
  const marker = Number(request.query.get('part-number-marker') ?? '0');
  const all = [...upload.parts.values()]
    .filter(({ number }) => number > marker)
    .toSorted((left, right) => left.number - right.number);
  const page = all.slice(0, max);
  const document: Xml = [
    'ListPartsResult',
    [
      ['Bucket', bucket.name],
      ['Key', upload.key],
      ['UploadId', upload.id],
      ...peopleOf(settings),
      ['StorageClass', 'STANDARD'],
      ['PartNumberMarker', String(marker)],
      ['NextPartNumberMarker', String(page.at(-1)?.number ?? 0)],
      ['MaxParts', String(max)],
      ['IsTruncated', String(all.length > max)],
      ...page.map((part): Xml => ['Part', describePart(part)]),
    ],
  ];
  return unchanged(answerXml(flavour, request, document));
}

function describePart({ number, modified, etag, size }: Part): readonly Xml[] {
  return [
    ['PartNumber', String(number)],
    ['LastModified', new Date(modified).toISOString()],
    ['ETag', quote(etag)],
    ['Size', String(size)],
  ];
}

/** For a missing upload, RGW says that the key is missing. */
function getListedUpload(request: S3Request, bucket: Bucket, { flavour }: Settings): Upload {
  if (flavour.name !== 'rgw') return getUpload(request, bucket);
  const upload = bucket.uploads.get(request.query.get('uploadId') ?? '');
  if (upload === undefined || upload.key !== request.key) throw new Failure('NoSuchKey');
  return upload;
}

function peopleOf({ flavour, credentials }: Settings): readonly Xml[] {
  const name = { aws: 'tester', rgw: '', swift: credentials.accessKeyId }[flavour.name];
  const person: readonly Xml[] = [
    ['ID', name],
    ['DisplayName', name],
  ];
  return flavour.name === 'rgw'
    ? [['Owner', person]]
    : [
        ['Initiator', person],
        ['Owner', person],
      ];
}

export function abortUpload(request: S3Request, bucket: Bucket, { flavour }: Settings): Outcome {
  const upload = getUpload(request, bucket);
  if (upload.isCompleted) throw new Failure('NoSuchKey', [['Key', `${upload.key}/${upload.id}`]]);
  return {
    answer: answerEmpty(flavour, request, 204),
    changes: [{ type: 'deleteUpload', bucket: bucket.name, uploadId: upload.id }],
  };
}
