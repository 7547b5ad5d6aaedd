import { constants } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeFileSystem, toOpenFile } from '../../../../src/transfer/files/file-system.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const size = 4 * 1024 * 1024;

it('closes a file only after the calls in progress, and refuses later ones', async () => {
  const path = join(await tempDir(), 'file');
  await writeFile(path, Buffer.alloc(size, 'old'));
  const file = await nodeFileSystem.open(path, constants.O_RDWR, 0);
  const [read, late] = [Buffer.alloc(size), Buffer.alloc(1)];
  const calls = Promise.all([
    file.read(read, 0, size, 0),
    file.write(Buffer.alloc(size, 'new'), 0, size, size),
    file.sync(),
  ]);
  await Promise.all([file.close(), file.close()]);
  expect((await calls).slice(0, 2)).toEqual([size, size]);
  expect(read.equals(Buffer.alloc(size, 'old'))).toBe(true);
  expect((await readFile(path)).subarray(size).equals(Buffer.alloc(size, 'new'))).toBe(true);
  const refused = [
    () => file.read(late, 0, 1, 0),
    () => file.write(late, 0, 1, 0),
    () => file.sync(),
    () => file.stat(),
  ];
  for (const call of refused) {
    await expect(call()).rejects.toMatchObject({ code: 'EBADF', message: 'EBADF: the file was closed' });
  }
  expect(() => file.descriptor).toThrow('EBADF');
});

it('closes what it wraps', async () => {
  const path = join(await tempDir(), 'file');
  await writeFile(path, 'text');
  const handle = await open(path);
  const file = toOpenFile(handle);
  expect([(await file.stat()).size, file.descriptor]).toEqual([4, handle.fd]);
  await file.close();
  expect(handle.fd).toBe(-1);
});
