// Files that can be read but not closed, as on a network file system whose server has gone away by then.
import fsPromises, { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Connection } from '../../../../src/client/connection.ts';
import { openBytes } from '../../../../src/client/guest/image-bytes.ts';
import { inspectFile } from '../../../../src/client/standalone.ts';
import { bareSystem } from '../../../../src/client/system.ts';
import { replaceBuiltins } from '../../../support/replace-exports.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const { open } = fsPromises;
replaceBuiltins(fsPromises, {
  open: async (...how) => {
    const handle = await open(...how);
    const close = handle.close.bind(handle);
    handle.close = async () => {
      if (handle.fd === -1) return;
      await close();
      throw Object.assign(new Error('EIO: i/o error, close'), { code: 'EIO' });
    };
    return handle;
  },
});

async function makeDisk(): Promise<string> {
  const path = join(await tempDir(), 'disk.img');
  await writeFile(path, 'a disk');
  return path;
}

it('are reported on', async () => {
  const path = await makeDisk();
  expect(await inspectFile(path)).toMatchObject({ path, size: 6 });
});

it('are released', async () => {
  const connection = new Connection({ system: bareSystem() });
  const { signal } = new AbortController();
  const { close } = await openBytes(connection, { kind: 'file', path: await makeDisk(), record: null }, signal);
  await expect(close()).resolves.toBeUndefined();
});
