// One body read to its end: counted, digested, passed on, and refused if it is too long or too short.
import type { Readable } from 'node:stream';
import type { Digest } from '../digests.ts';
import { GlanceError, SizeError } from '../errors.ts';
import { equalDigests, type Hasher } from './hasher.ts';

/** Bytes that an earlier, broken attempt passed on already. The next one must begin with the same. */
export interface Prefix {
  readonly bytes: number;
  readonly digests: readonly Digest[];
}

export interface Receiver {
  readonly body: Readable;
  /** Bytes there must be; null if nobody knows. */
  readonly size: number | null;
  readonly hasher: Hasher;
  /** Not passed on again, but compared; null at the first attempt. */
  readonly prefix: Prefix | null;
  readonly write: (chunk: Uint8Array) => Promise<void>;
  /** Called with the bytes read so far. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Reads the body to its end.
 * @throws SizeError `integrity.excess`, `http.truncated`; GlanceError `integrity.contradiction` if the prefix differs;
 * whatever the body or `write` fails with
 */
export async function receive(receiver: Receiver): Promise<void> {
  const { size, hasher, prefix, onBytes } = receiver;
  for await (const chunk of receiver.body as AsyncIterable<Buffer>) {
    if (size !== null && hasher.bytes + chunk.length > size) throw excess(size, hasher.bytes + chunk.length);
    const known = prefix === null ? 0 : Math.min(chunk.length, Math.max(0, prefix.bytes - hasher.bytes));
    if (prefix !== null && known > 0) compare(hasher, chunk.subarray(0, known), prefix);
    if (known < chunk.length) {
      const fresh = chunk.subarray(known);
      hasher.update(fresh);
      await receiver.write(fresh);
    }
    onBytes(hasher.bytes);
  }
  if (size !== null && hasher.bytes < size) throw truncated(size, hasher.bytes);
  if (prefix !== null && hasher.bytes < prefix.bytes) throw changed(hasher.bytes);
}

function compare(hasher: Hasher, chunk: Uint8Array, prefix: Prefix): void {
  hasher.update(chunk);
  if (hasher.bytes === prefix.bytes && !equalDigests(hasher.digests(), prefix.digests)) throw changed(hasher.bytes);
}

function excess(expected: number, actual: number): SizeError {
  const text = `the server sends more than the ${String(expected)} bytes that the image has`;
  return new SizeError('integrity.excess', text, { expected, actual });
}

function truncated(expected: number, actual: number): SizeError {
  const text = `the connection was closed after ${String(actual)} of ${String(expected)} bytes`;
  return new SizeError('http.truncated', text, { expected, actual }, { hint: 'run the same command again' });
}

function changed(bytes: number): GlanceError {
  const text = `after a break the server sends other data than before, within the first ${String(bytes)} bytes`;
  return new GlanceError('integrity.contradiction', text, {
    hint: 'what was passed on already cannot be taken back; run the command again',
  });
}
