// The record beside a part file: which image it belongs to, and which bytes were on disk when the record was written.
import type { ImageIdentity } from '../flow/source.ts';
import { createHash, randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type Piece, segmentBytes } from './pieces.ts';

/** Raised when older versions of this program could no longer read the record correctly. */
const version = 1;

/** Maximum size of a record, in bytes: 64 for each piece, for images of up to 16 TiB. */
export const maxRecordBytes = 16 * 1024 * 1024;

/**
 * Names the part file of an image with 12 hex digits. Another image, another cloud or other data under the same id gives
 * another name, so that a part is only ever resumed for the data it belongs to.
 */
export function partKey(identity: ImageIdentity): string {
  const { origin, id, size, digests, createdAt } = identity;
  const strongest = digests.toSorted((left, right) => right.hex.length - left.hex.length)[0];
  const data = strongest === undefined ? [size, createdAt] : [strongest.algorithm, strongest.hex];
  return createHash('sha256')
    .update(JSON.stringify([origin, id, ...data]))
    .digest('hex')
    .slice(0, 12);
}

/** A key that nobody else knows, for a part that no other process writes to and no later run resumes. */
export function privateKey(): string {
  return randomBytes(6).toString('hex');
}

/** The part file of a target. @param target absolute path, links resolved */
export function partPath(target: string, key: string): string {
  return join(dirname(target), `.${basename(target)}.${key}.part`);
}

/** Whether both describe the same data. */
export function isSameImage(left: ImageIdentity, right: ImageIdentity): boolean {
  return JSON.stringify(canonical(left)) === JSON.stringify(canonical(right));
}

function canonical({ origin, id, size, digests, createdAt }: ImageIdentity): unknown[] {
  const texts = digests.map(({ algorithm, hex }) => `${algorithm}:${hex}`).toSorted();
  return [origin, id, size, createdAt, texts];
}

/** The record as text. Contains no secret: an origin has no credentials. */
export function formatRecord(identity: ImageIdentity, pieces: readonly Piece[]): string {
  const body = JSON.stringify({
    schema: version,
    image: canonical(identity),
    segment_bytes: segmentBytes,
    pieces: pieces.map(({ start, length, crc }) => [start, length, crc]),
  });
  return `${body}\n${checksum(body)}\n`;
}

/**
 * Reads a record. It counts only if it is complete, of this version and of this very image.
 * @returns the pieces in order; null if the record cannot be used
 */
export function parseRecord(text: string, identity: ImageIdentity): readonly Piece[] | null {
  const [body = '', sum, rest] = text.split('\n', 3);
  if (rest !== '' || sum !== checksum(body)) return null;
  let record: unknown;
  try {
    record = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof record !== 'object' || record === null) return null;
  const { schema, image, segment_bytes: segment, pieces } = record as Record<string, unknown>;
  if (schema !== version || segment !== segmentBytes || !Array.isArray(pieces)) return null;
  if (JSON.stringify(image) !== JSON.stringify(canonical(identity))) return null;
  return parsePieces(pieces, identity.size ?? Number.MAX_SAFE_INTEGER);
}

function parsePieces(values: readonly unknown[], size: number): readonly Piece[] | null {
  const pieces: Piece[] = [];
  let end = 0;
  for (const value of values) {
    if (!Array.isArray(value) || value.length !== 3 || !value.every((each) => Number.isSafeInteger(each))) return null;
    const [start, length, crc] = value as [number, number, number];
    const isPlausible = start >= end && length > 0 && (start % segmentBytes) + length <= segmentBytes;
    if (!isPlausible || start + length > size) return null;
    pieces.push({ start, length, crc });
    end = start + length;
  }
  return pieces;
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
