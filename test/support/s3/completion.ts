// CompleteMultipartUpload: parts become an object.
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
import { createHash } from 'node:crypto';
import { answerXml, Failure, type Outcome, type S3Answer, type Xml } from './answer.ts';
import { etagOf, quote, roundTime, unchanged } from './objects.ts';
import type { S3Request } from './request.ts';
import type { Settings } from './settings.ts';
import type { Bucket, Change, Part, StoredObject, Upload } from './state.ts';
import { getUpload } from './uploads.ts';

/** A part as the request names it. */
interface NamedPart {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
}

export function completeUpload(request: S3Request, bucket: Bucket, settings: Settings): Outcome {
  const { flavour } = settings;
  const before = bucket.objects.get(request.key);
  const id = request.query.get('uploadId') ?? '';
  // An answer may have been lost: a repeated request gets it again.
  if (before?.uploadId === id) return unchanged(answerCompleted(request, bucket, settings, before, true));
  if (flavour.name === 'rgw' && !bucket.uploads.has(id)) throw new Failure('InternalError');
  const upload = getUpload(request, bucket);
  const named = readParts(request);
  const parts = findParts(named, upload, settings);
  if (request.headers['if-none-match'] !== undefined && before !== undefined) {
    if (flavour.ifNoneMatch.complete === 'honoured') throw preconditionFailed(settings);
  }
  const object = assemble(request, upload, parts, settings);
  const ending: Change =
    flavour.completedUpload === 'kept'
      ? { type: 'putUpload', bucket: bucket.name, upload: { ...upload, isCompleted: true } }
      : { type: 'deleteUpload', bucket: bucket.name, uploadId: upload.id };
  return {
    answer: answerCompleted(request, bucket, settings, object, false),
    changes: [{ type: 'putObject', bucket: bucket.name, object }, ending],
  };
}

function preconditionFailed({ flavour }: Settings): Failure {
  if (flavour.name !== 'swift') return new Failure('PreconditionFailed');
  return new Failure('InvalidRequest', [['Status', '412 Precondition Failed']], [], 412);
}

/** @throws Failure unless the body names parts */
function readParts({ body }: S3Request): readonly NamedPart[] {
  const text = Buffer.concat(body.data ?? []).toString('utf8');
  const blocks = [...text.matchAll(/<Part>([^]*?)<\/Part>/g)].map(([, inner = '']) => inner);
  if (blocks.length === 0 || !/<\/CompleteMultipartUpload>\s*$/.test(text)) throw new Failure('MalformedXML');
  return blocks.map((block) => {
    const number = /<PartNumber>\s*(\d{1,9})\s*<\/PartNumber>/.exec(block)?.[1];
    const etag = /<ETag>\s*(?:"|&quot;|&#34;)?([^"&<\s]*)(?:"|&quot;|&#34;)?\s*<\/ETag>/.exec(block)?.[1];
    if (number === undefined || etag === undefined) throw new Failure('MalformedXML');
    return { number: Number(number), etag };
  });
}

/** The parts of the object, in order. @throws Failure if they cannot be joined */
function findParts(named: readonly NamedPart[], upload: Upload, { flavour, minPartBytes }: Settings): readonly Part[] {
  const inOrder = named.toSorted((left, right) => left.number - right.number);
  const isOrdered = named.every(({ number }, index) => index === 0 || number > (named[index - 1]?.number ?? 0));
  if (!isOrdered && flavour.partOrder === 'checked') throw new Failure('InvalidPartOrder', [['UploadId', upload.id]]);
  const parts = inOrder.map(({ number, etag }) => {
    const part = upload.parts.get(number);
    if (part === undefined || part.etag !== etag) throw new Failure('InvalidPart', [['UploadId', upload.id]]);
    return part;
  });
  if (parts.length < upload.parts.size && flavour.surplusParts === 'refused') throw new Failure('InvalidPart');
  if (parts.slice(0, -1).some(({ size }) => size < minPartBytes)) throw new Failure('EntityTooSmall');
  return parts;
}

function assemble(request: S3Request, upload: Upload, parts: readonly Part[], settings: Settings): StoredObject {
  const md5s = createHash('md5');
  for (const { etag } of parts) md5s.update(Buffer.from(etag, 'hex'));
  const keepsAll = parts.every(({ data }) => data !== null);
  return {
    key: upload.key,
    data: keepsAll ? parts.flatMap(({ data }) => data ?? []) : null,
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: `${etagOf(md5s.digest('hex'), settings)}-${String(parts.length)}`,
    contentType: upload.contentType ?? (settings.flavour.name === 'swift' ? 'application/octet-stream' : null),
    modified: roundTime(request.now, settings.flavour),
    uploadId: upload.id,
  };
}

function answerCompleted(
  request: S3Request,
  bucket: Bucket,
  { flavour }: Settings,
  { key, etag }: StoredObject,
  isAgain: boolean,
): S3Answer {
  const bare = isAgain ? etag : '';
  const document: Xml = [
    'CompleteMultipartUploadResult',
    [
      ['Location', `http://${request.headers['host'] ?? ''}/${bucket.name}/${key}`],
      ['Bucket', bucket.name],
      ['Key', key],
      ['ETag', flavour.completionETag === 'quoted' ? quote(etag) : bare],
    ],
  ];
  return answerXml(flavour, request, document);
}
