// The program of a digest thread, and the messages it exchanges with its callers.
import type { DigestAlgorithm } from '../../digests.ts';

/**
 * A message to a thread. All but an end are answered, in order.
 * - about one of its hashes: to begin it, or start it over; bytes; whether its digests are wanted; its end
 * - or a request for the digests of an open file, of which no more than `limit` bytes are read
 */
export type ThreadMessage =
  | {
      readonly hash: number;
      readonly begin?: readonly DigestAlgorithm[];
      readonly bytes?: Uint8Array;
      readonly isAsked?: boolean;
    }
  | { readonly end: number }
  | { readonly file: number; readonly algorithms: readonly DigestAlgorithm[]; readonly limit: number };

/**
 * Its answer: digests as hex in the order of the algorithms, null if none were requested; or the reason for a failure.
 */
export type ThreadAnswer =
  | { readonly hexes: readonly string[] | null }
  | { readonly code: string; readonly message: string };

/**
 * The thread's program, as plain JavaScript text, so that it runs from source, from the package and from a single-file
 * executable, which has no separate file for it.
 */
export const threadProgram = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const { readSync } = require('node:fs');
const all = new Map();
let buffer;
const create = (algorithms) => algorithms.map((algorithm) => createHash(algorithm));
const hexesOf = (hashes) => hashes.map((hash) => hash.copy().digest('hex'));
const update = (hashes, bytes) => hashes.forEach((hash) => hash.update(bytes));
const digestFile = (file, algorithms, limit) => {
  const hashes = create(algorithms);
  buffer ??= Buffer.allocUnsafeSlow(128 * 1024);
  for (let position = 0; position < limit;) {
    const count = readSync(file, buffer, 0, Math.min(buffer.length, limit - position), position);
    if (count === 0) break;
    update(hashes, buffer.subarray(0, count));
    position += count;
  }
  return hexesOf(hashes);
};
const answer = ({ hash, begin, bytes, isAsked, file, algorithms, limit }) => {
  if (file !== undefined) return digestFile(file, algorithms, limit);
  if (begin !== undefined) all.set(hash, create(begin));
  if (bytes !== undefined) update(all.get(hash), bytes);
  return isAsked === true ? hexesOf(all.get(hash)) : null;
};
parentPort.on('message', (message) => {
  if (message.end !== undefined) {
    all.delete(message.end);
    return;
  }
  try {
    parentPort.postMessage({ hexes: answer(message) });
  } catch ({ code, message: text }) {
    parentPort.postMessage({ code: String(code), message: String(text) });
  }
});
`;
