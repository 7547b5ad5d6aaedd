// Objects in one piece: GET, HEAD, PUT, DELETE.
import { createHash } from 'node:crypto';
import type { HeaderPair } from '../../../src/server/answers/answer.ts';
import { answerEmpty, Failure, makeAnswer, type Outcome, type S3Answer } from './answer.ts';
import type { Flavour } from './flavours.ts';
import type { S3Request } from './request.ts';
import type { Settings } from './settings.ts';
import type { Bucket, Pieces, StoredObject } from './state.ts';

/** For HEAD, too, whose answer is sent without its body. */
export function getObject(request: S3Request, bucket: Bucket, { flavour }: Settings): Outcome {
  const object = bucket.objects.get(request.key);
  if (object === undefined) throw new Failure('NoSuchKey', [['Key', request.key]]);
  const wanted = request.headers['if-match'];
  if (wanted !== undefined && wanted !== quote(object.etag)) throw new Failure('PreconditionFailed');
  const range = parseRange(request.headers['range'], object.size);
  const [start, end] = range ?? [0, object.size];
  const body = request.method === 'HEAD' ? [] : slicePieces(object.data, start, end);
  const named: readonly HeaderPair[] =
    range === null ? [] : [['Content-Range', `bytes ${String(start)}-${String(end - 1)}/${String(object.size)}`]];
  const headers: readonly HeaderPair[] = [
    ['Content-Length', String(end - start)],
    ['Content-Type', object.contentType ?? 'binary/octet-stream'],
    ...named,
    ...describe(object, flavour),
  ];
  return unchanged(makeAnswer(flavour, request, range === null ? 200 : 206, headers, body));
}

function describe(object: StoredObject, flavour: Flavour): readonly HeaderPair[] {
  const ranges: readonly HeaderPair[] = flavour.hasAcceptRanges ? [['Accept-Ranges', 'bytes']] : [];
  const type: readonly HeaderPair[] = flavour.name === 'rgw' ? [['x-rgw-object-type', 'Normal']] : [];
  return [['ETag', quote(object.etag)], ['Last-Modified', new Date(object.modified).toUTCString()], ...ranges, ...type];
}

export function putObject(request: S3Request, bucket: Bucket, settings: Settings): Outcome {
  const { flavour } = settings;
  const { key, body, headers } = request;
  checkMd5(request);
  if (headers['if-none-match'] !== undefined) {
    if (flavour.ifNoneMatch.put === 'unsupported') throw new Failure('NotImplemented');
    if (bucket.objects.has(key)) throw new Failure('PreconditionFailed');
  }
  const object: StoredObject = {
    key,
    data: body.data,
    size: body.size,
    etag: etagOf(body.md5, settings),
    contentType: headers['content-type'] ?? null,
    modified: roundTime(request.now, flavour),
    uploadId: null,
  };
  const told = stored(object, flavour);
  return {
    answer: answerEmpty(flavour, request, 200, told),
    changes: [{ type: 'putObject', bucket: bucket.name, object }],
  };
}

/** What the answer to a PUT says about what was stored. */
export function stored(
  what: { readonly etag: string; readonly modified: number },
  { name }: Flavour,
): readonly HeaderPair[] {
  const other: Readonly<Record<Flavour['name'], readonly HeaderPair[]>> = {
    aws: [],
    rgw: [['Accept-Ranges', 'bytes']],
    swift: [['Last-Modified', new Date(what.modified).toUTCString()]],
  };
  return [['Content-Length', '0'], ['ETag', quote(what.etag)], ...other[name]];
}

export function deleteObject(request: S3Request, bucket: Bucket, { flavour }: Settings): Outcome {
  return {
    answer: answerEmpty(flavour, request, 204),
    changes: [{ type: 'deleteObject', bucket: bucket.name, key: request.key }],
  };
}

/** @throws Failure if the MD5 sent along is malformed, or that of another body */
export function checkMd5({ headers, body }: S3Request): void {
  const sent = headers['content-md5'];
  if (sent === undefined) return;
  const md5 = Buffer.from(sent, 'base64');
  if (md5.length !== 16) throw new Failure('InvalidDigest', [['ContentMd5', sent]]);
  if (md5.toString('hex') !== body.md5) throw new Failure('BadDigest');
}

/** @param md5 of what is stored, hexadecimal */
export function etagOf(md5: string, { etags }: Settings): string {
  return etags === 'md5' ? md5 : disguise(md5);
}

/** An ETag that looks like an MD5 but is not. */
export function disguise(etag: string): string {
  return createHash('sha256').update(`opaque ${etag}`).digest('hex').slice(0, 32);
}

export function quote(etag: string): string {
  return `"${etag}"`;
}

/** A time as a store keeps it. */
export function roundTime(at: number, { timeStepMs }: Flavour): number {
  return Math.floor(at / timeStepMs) * timeStepMs;
}

export function unchanged(answer: S3Answer): Outcome {
  return { answer, changes: [] };
}

/** The first byte and the one after the last; null: all of it. @throws Failure if none of it exists */
function parseRange(header: string | undefined, size: number): readonly [start: number, end: number] | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null) return null;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= size || end <= start) throw new Failure('InvalidRange');
  return [start, end];
}

function slicePieces(pieces: Pieces, start: number, end: number): readonly Buffer[] {
  if (pieces === null) throw new Failure('InternalError', [['Reason', 'the double was told not to keep data']]);
  const slices: Buffer[] = [];
  let at = 0;
  for (const piece of pieces) {
    const slice = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
    if (slice.length > 0) slices.push(slice);
    at += piece.length;
  }
  return slices;
}
