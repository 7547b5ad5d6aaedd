import { execFileSync } from 'node:child_process';
import { constants, createWriteStream } from 'node:fs';
import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readFileAtOnce, readNamedFile } from '../../../src/local/named-file.ts';
import { tempDir } from '../../support/temp-dir.ts';

const maxBytes = 100 * 1024;

it.each([0, 1, 64 * 1024, 64 * 1024 + 1, maxBytes])('reads a file of %i bytes', async (size) => {
  const path = join(await tempDir(), 'f');
  const data = Buffer.alloc(size, 'abc');
  await writeFile(path, data);
  const { bytes, stats } = await readNamedFile(path, maxBytes);
  expect([bytes.equals(data), stats.size]).toEqual([true, size]);
  expect(readFileAtOnce(path, maxBytes).bytes.equals(data)).toBe(true);
});

it('reads a file that reports size 0', async () => {
  // As every file of /proc.
  const { bytes, stats } = await readNamedFile('/proc/self/status', maxBytes);
  expect([stats.size, bytes.toString().startsWith('Name:')]).toEqual([0, true]);
  expect(readFileAtOnce('/proc/self/status', maxBytes).bytes.toString()).toMatch(/^Name:/);
});

it.each([
  ['one byte too many', (path: string) => writeFile(path, Buffer.alloc(maxBytes + 1)), 'it is larger than 100 KiB'],
  ['a directory', (path: string) => mkdir(path), 'it is a directory, not a file'],
])('refuses %s', async (_what, prepare, message) => {
  const path = join(await tempDir(), 'f');
  await prepare(path);
  const error = { code: 'config.invalid', message };
  await expect(readNamedFile(path, maxBytes)).rejects.toMatchObject(error);
  expect(() => readFileAtOnce(path, maxBytes)).toThrow(expect.objectContaining(error));
});

it.each(['/dev/zero', '/dev/null', '/dev/urandom'])('refuses the device %s without reading it', async (path) => {
  const error = { code: 'config.invalid', message: 'it is not a file' };
  await expect(readNamedFile(path, maxBytes)).rejects.toMatchObject(error);
  expect(() => readFileAtOnce(path, maxBytes)).toThrow(expect.objectContaining(error));
});

it('refuses an endless file that reports no size', async () => {
  // Eight bytes for each possible page of memory.
  await expect(readNamedFile('/proc/self/pagemap', maxBytes)).rejects.toMatchObject({
    message: 'it is larger than 100 KiB',
  });
  expect(() => readFileAtOnce('/proc/self/pagemap', maxBytes)).toThrow('it is larger than 100 KiB');
});

it.each([
  ['a missing file', () => Promise.resolve(), 'ENOENT'],
  ['a link that leads round in circles', (path: string) => symlink('f', path), 'ELOOP'],
])("fails with the system's error for %s", async (_what, prepare, code) => {
  const path = join(await tempDir(), 'f');
  await prepare(path);
  await expect(readNamedFile(path, maxBytes)).rejects.toMatchObject({ code });
});

it('fails for a socket', async () => {
  const path = join(await tempDir(), 's');
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  onTestFinished(() => void server.close());
  await expect(readNamedFile(path, maxBytes)).rejects.toMatchObject({ code: 'ENXIO' });
});

async function makeFifo(): Promise<string> {
  const path = join(await tempDir(), 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

it('waits for the writer of a pipe, and reads what arrives in pieces', async () => {
  const path = await makeFifo();
  const reading = readNamedFile(path, maxBytes);
  const writer = createWriteStream(path);
  writer.write('one ');
  writer.end('two');
  const { bytes, stats } = await reading;
  expect([bytes.toString(), stats.isFIFO()]).toEqual(['one two', true]);
});

it('reads no more from a pipe than allowed', async () => {
  const path = await makeFifo();
  const reading = readNamedFile(path, maxBytes);
  const writer = createWriteStream(path);
  writer.on('error', () => undefined);
  for (let count = 0; count < 50; count++) writer.write(Buffer.alloc(64 * 1024));
  await expect(reading).rejects.toMatchObject({ message: 'it is larger than 100 KiB' });
  writer.destroy();
});

it('waits for a pipe no longer than the signal allows, whether it has no writer or nothing is written', async () => {
  for (const hasWriter of [false, true]) {
    const path = await makeFifo();
    const writer = hasWriter ? await open(path, constants.O_RDWR) : null;
    const controller = new AbortController();
    const reason = new Error('enough');
    const reading = readNamedFile(path, maxBytes, controller.signal);
    setImmediate(() => controller.abort(reason));
    await expect(reading).rejects.toBe(reason);
    await writer?.close();
  }
});

it('reads nothing after the signal', async () => {
  const reason = new Error('enough');
  await expect(readNamedFile('/dev/null', maxBytes, AbortSignal.abort(reason))).rejects.toBe(reason);
});
