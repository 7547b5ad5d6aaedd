// A page or an SBOM is not written over what it is about.
import { link, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkNotInspected } from '../../../../src/client/inspect/report-file.ts';
import { tempDir } from '../../../support/temp-dir.ts';

it('refuses a path of a file that is open, such as standard input', async () => {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'disk'), 'bytes');
  await writeFile(join(cwd, 'other'), 'bytes');
  await link(join(cwd, 'disk'), join(cwd, 'same'));
  const file = await open(join(cwd, 'disk'));
  try {
    await expect(checkNotInspected(cwd, 'same', [file.fd])).rejects.toMatchObject({ code: 'io.exists' });
    await checkNotInspected(cwd, 'other', [file.fd]);
    await checkNotInspected(cwd, 'new', [file.fd]);
  } finally {
    await file.close();
  }
});
