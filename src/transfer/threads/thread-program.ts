// The program of a thread.
import { unsyncable } from '../../local/errno.ts';

/**
 * The thread's program, as plain JavaScript text, so that it runs from source, from the package and from a single-file
 * executable, which has no separate file for it.
 */
export const threadProgram = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const {
  closeSync, constants, fstatSync, fsyncSync, openSync, readSync, renameSync, unlinkSync, writeFileSync,
} = require('node:fs');
const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const unsyncable = ${JSON.stringify(unsyncable)};
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
const using = (file, work) => {
  try {
    return work(file);
  } finally {
    closeSync(file);
  }
};
const open = (path, flags, work) => using(openSync(path, O_RDONLY | O_NOFOLLOW | flags), work);
const openDirectory = (path, work) => open(path, O_DIRECTORY, (file) => work('/proc/self/fd/' + file + '/', file));
const readText = (file, size) => {
  const bytes = Buffer.alloc(size);
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, size, 0));
};
const readImage = ({ directory, texts, data, size, algorithms }) =>
  openDirectory(directory, (inside) => {
    const read = (name, isSize, work) =>
      open(inside + name, O_NONBLOCK, (file) => {
        const status = fstatSync(file);
        if (!status.isFile() || !isSize(status.size)) throw new Error('not what was expected');
        return work(file, status.size);
      });
    return {
      texts: texts.map(({ name, maxBytes }) => read(name, (found) => found <= maxBytes, readText)),
      hexes: read(data, (found) => found === size, (file) => digestFile(file, algorithms, size + 1)),
    };
  });
const openNew = (path, mode) => openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
const openAnew = (path, mode) => {
  try {
    return openNew(path, mode);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    unlinkSync(path);
    return openNew(path, mode);
  }
};
const removingOnFailure = (path, work) => {
  try {
    return work();
  } catch (error) {
    try {
      unlinkSync(path);
    } catch {}
    throw error;
  }
};
const createFile = (path, content, mode) =>
  using(openAnew(path, mode), (file) =>
    removingOnFailure(path, () => {
      writeFileSync(file, content);
      fsyncSync(file);
    }),
  );
const syncNames = (directory) => {
  try {
    fsyncSync(directory);
  } catch (error) {
    if (!unsyncable.includes(error.code)) throw error;
  }
};
const takeStep = ({ create, content, mode, rename, to }, inside, directory) => {
  if (create !== undefined) createFile(inside + create, content, mode);
  else if (rename !== undefined) removingOnFailure(inside + rename, () => renameSync(inside + rename, inside + to));
  else syncNames(directory);
};
const takeSteps = (directory, steps) => {
  for (const [number, step] of steps.entries()) {
    try {
      // Each time anew: the next name must go to the directory that is there now.
      openDirectory(directory, (inside, file) => takeStep(step, inside, file));
    } catch (error) {
      const path = error.dest ?? error.path;
      const place = path === directory ? '' : path?.split('/').pop();
      throw Object.assign(error, { step: number, place });
    }
  }
  return { hexes: null };
};
const answer = ({ hash, begin, bytes, isAsked, file, algorithms, limit, image, directory, steps }) => {
  if (steps !== undefined) return takeSteps(directory, steps);
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
  } catch ({ code = '', message: text, step, place }) {
    parentPort.postMessage({ code: String(code), message: String(text), step, place });
  }
});
`;
