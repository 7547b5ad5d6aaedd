import { symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import * as openFlags from '../../../../src/local/open-flags.ts';
import { compareFile } from '../../../../src/mirror/verify.ts';
import { nodeFileSystem } from '../../../../src/transfer/files/file-system.ts';
import { InsideDirectory } from '../../../../src/transfer/files/inside.ts';
import { openRegular } from '../../../../src/transfer/files/small-file.ts';
import { replaceExports } from '../../../support/replace-exports.ts';
import { tempDir } from '../../../support/temp-dir.ts';

// As on Windows, where open(2) follows links.
replaceExports(openFlags, { O_NOFOLLOW: 0 });

it('reports a socket by its path, as something that is not a file', async () => {
  const inside = await InsideDirectory.open(await tempDir());
  const path = join(inside.root, 'socket');
  const server = createServer().listen(path);
  onTestFinished(async () => {
    server.close();
    await inside.close();
  });
  for (const fileSystem of [inside, nodeFileSystem]) {
    const opened = openRegular(fileSystem, path);
    await expect(opened).rejects.toMatchObject({
      code: 'io.not_regular',
      message: `${path}: it is not a regular file`,
    });
  }
});

it('refuses a link where the system cannot, unless links are followed', async () => {
  const directory = await tempDir();
  const [path, real] = [join(directory, 'link'), join(directory, 'real')];
  await writeFile(real, 'data');
  await symlink('real', path);
  const refused = { code: 'io.not_regular', message: `${path}: it is a symbolic link where none may be` };
  await expect(openRegular(nodeFileSystem, path)).rejects.toMatchObject(refused);
  const { signal } = new AbortController();
  await expect(compareFile(path, 'link', { size: 4, digests: [] }, { signal })).rejects.toMatchObject(refused);
  const file = await openRegular(nodeFileSystem, path, 'followed');
  expect((await file.stat()).size).toBe(4);
  await file.close();
});
