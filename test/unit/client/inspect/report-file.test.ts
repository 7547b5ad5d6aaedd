// A page or an SBOM must not be written over what it is about.
import { link, mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkNotInspected, findReportPlace } from '../../../../src/client/inspect/report-file.ts';
import { tempDir } from '../../../support/temp-dir.ts';

it('refuses a path of an open file, such as standard input', async () => {
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

it('refuses a path that names a directory, whether or not it is there', async () => {
  const cwd = await tempDir();
  await mkdir(join(cwd, 'there'));
  for (const path of ['there', 'there/', 'there/new/..', 'new/', 'new//', 'new/.', 'new/..', '.', '..']) {
    await expect(findReportPlace(cwd, path)).rejects.toMatchObject({ code: 'io.not_regular' });
  }
  expect(await findReportPlace(cwd, 'there/new')).toBe(join(cwd, 'there', 'new'));
  expect(await readdir(cwd)).toEqual(['there']);
});
