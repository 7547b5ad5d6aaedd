import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Connection } from '../../../../src/client/connection.ts';
import { openBytes } from '../../../../src/client/guest/image-bytes.ts';
import { bareSystem } from '../../../../src/client/system.ts';
import { tempDir } from '../../../support/temp-dir.ts';

it('reads nothing after it is closed, whatever has been opened since', async () => {
  const directory = await tempDir();
  const [path, otherPath] = [join(directory, 'disk.img'), join(directory, 'other')];
  await writeFile(path, 'a disk');
  await writeFile(otherPath, 'secret');
  const { signal } = new AbortController();
  const connection = new Connection({ system: bareSystem() });
  const { source, close } = await openBytes(connection, { kind: 'file', path, record: null }, signal);
  expect(Buffer.from((await source?.read(0, 6, signal)) ?? []).toString()).toBe('a disk');
  await close();
  // This file gets the descriptor that has just become free.
  const other = await open(otherPath);
  try {
    await expect(source?.read(0, 6, signal)).rejects.toThrow('EBADF');
  } finally {
    await other.close();
  }
});
