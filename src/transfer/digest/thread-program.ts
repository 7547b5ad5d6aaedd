// The program of a digest thread, and the messages it exchanges with its callers.
import type { DigestAlgorithm } from '../../digests.ts';

/**
 * A message to a thread. All but an end are answered, in order.
 * - about one of its hashes: to begin it, or start it over; bytes; whether its digests are wanted; its end
 * - a request for the digests of an open file, of which no more than `limit` bytes are read
 * - a request to read an image that is already on disk
 */
export type ThreadMessage =
  | {
      readonly hash: number;
      readonly begin?: readonly DigestAlgorithm[];
      readonly bytes?: Uint8Array;
      readonly isAsked?: boolean;
    }
  | { readonly end: number }
  | { readonly file: number; readonly algorithms: readonly DigestAlgorithm[]; readonly limit: number }
  | { readonly image: ImageFiles };

/** Files of an image in a directory of its own. No link is followed. */
export interface ImageFiles {
  /** Path of the directory. */
  readonly directory: string;
  /** Small files, whose text is wanted, and most bytes that each may have. */
  readonly texts: readonly { readonly name: string; readonly maxBytes: number }[];
  /** Name of the data, whose digests are wanted. */
  readonly data: string;
  /** Bytes of the data. */
  readonly size: number;
  readonly algorithms: readonly DigestAlgorithm[];
}

/** What a thread has found out: digests as hex in the order of the algorithms, null if none were requested; texts. */
export interface ThreadResult {
  readonly hexes: readonly string[] | null;
  readonly texts?: readonly string[];
}

/** Its answer: the result, or the reason for a failure. */
export type ThreadAnswer = ThreadResult | { readonly code: string; readonly message: string };

/**
 * The thread's program, as plain JavaScript text, so that it runs from source, from the package and from a single-file
 * executable, which has no separate file for it.
 */
export const threadProgram = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const { closeSync, constants, fstatSync, openSync, readSync } = require('node:fs');
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
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
const open = (path, flags, work) => {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | flags);
  try {
    return work(file);
  } finally {
    closeSync(file);
  }
};
const readText = (file, size) => {
  const bytes = Buffer.alloc(size);
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, size, 0));
};
const readImage = ({ directory, texts, data, size, algorithms }) =>
  open(directory, O_DIRECTORY, (inside) => {
    const read = (name, isSize, work) =>
      open('/proc/self/fd/' + inside + '/' + name, O_NONBLOCK, (file) => {
        const status = fstatSync(file);
        if (!status.isFile() || !isSize(status.size)) throw new Error('not what was expected');
        return work(file, status.size);
      });
    return {
      texts: texts.map(({ name, maxBytes }) => read(name, (found) => found <= maxBytes, readText)),
      hexes: read(data, (found) => found === size, (file) => digestFile(file, algorithms, size + 1)),
    };
  });
const answer = ({ hash, begin, bytes, isAsked, file, algorithms, limit, image }) => {
  if (image !== undefined) return readImage(image);
  if (file !== undefined) return { hexes: digestFile(file, algorithms, limit) };
  if (begin !== undefined) all.set(hash, create(begin));
  if (bytes !== undefined) update(all.get(hash), bytes);
  return { hexes: isAsked === true ? hexesOf(all.get(hash)) : null };
};
parentPort.on('message', (message) => {
  if (message.end !== undefined) {
    all.delete(message.end);
    return;
  }
  try {
    parentPort.postMessage(answer(message));
  } catch ({ code, message: text }) {
    parentPort.postMessage({ code: String(code), message: String(text) });
  }
});
`;
