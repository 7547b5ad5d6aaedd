// A verdict on a file, whatever the file system does after the last byte.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareFile } from '../../../src/mirror/verify.ts';
import { digestFile } from '../../../src/transfer/digest/digest-file.ts';
import { type HostFileSystem, nodeFileSystem } from '../../../src/transfer/files/file-system.ts';
import { readSmallFile } from '../../../src/transfer/files/small-file.ts';
import { tempDir } from '../../support/temp-dir.ts';

const md5 = { algorithm: 'md5', hex: '900150983cd24fb0d6963f7d28e17f72' } as const;
const { signal } = new AbortController();

/** A file system on which closing fails, as on one whose server is gone. */
const failing: HostFileSystem = {
  ...nodeFileSystem,
  open: async (...how) => {
    const file = await nodeFileSystem.open(...how);
    const close = file.close.bind(file);
    const fail = async (): Promise<void> => {
      await close();
      throw Object.assign(new Error('EIO: i/o error, close'), { code: 'EIO' });
    };
    return Object.assign(file, { close: fail });
  },
};

it('counts what was read, even if the file cannot be closed', async () => {
  const path = join(await tempDir(), 'file');
  await writeFile(path, 'abc');
  const verify = async (name: string, hex: string): Promise<unknown> =>
    await compareFile(name, 'file', { size: 3, digests: [{ ...md5, hex }] }, { signal, fileSystem: failing });
  expect(await verify(path, md5.hex)).toMatchObject({ status: 'ok' });
  expect(await verify(path, '0'.repeat(32))).toMatchObject({ status: 'altered' });
  await expect(verify(join(path, '..'), md5.hex)).rejects.toMatchObject({ code: 'io.not_regular' });
  expect(await digestFile(failing, path, 3, ['md5'], signal)).toEqual([md5]);
  expect(await readSmallFile(failing, path, 10)).toBe('abc');
});
