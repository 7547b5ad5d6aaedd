import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDemoImages } from '../../../../examples/demo/catalog.ts';
import { checkFile, checkJson, checkLeftovers } from '../../../../examples/demo/checks.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const [ubuntu, , rescue] = makeDemoImages();
if (ubuntu === undefined || rescue === undefined) throw new Error('the catalog has changed');

describe('checkFile', () => {
  it.each([
    ['has nothing to say about the image itself', rescue.data, []],
    ['finds a file that is too short', rescue.data.subarray(1), [' has 569343 bytes, the catalog says 569344']],
    [
      'finds a file of the right size with other bytes',
      Buffer.alloc(rescue.data.length),
      [` has the MD5 9d11046130dc3a861a5143631bc5bbdd, the catalog says ${String(rescue.image.checksum)}`],
    ],
  ])('%s', async (_what, bytes, complaints) => {
    const path = join(await tempDir(), 'file');
    await writeFile(path, bytes);
    expect(await checkFile(path, rescue.image)).toEqual(complaints.map((complaint) => path + complaint));
  });

  it('notices that the file is missing', async () => {
    const path = join(await tempDir(), 'file');
    expect(await checkFile(path, rescue.image)).toEqual([expect.stringMatching(/file cannot be read: Error: ENOENT/)]);
  });
});

describe('checkLeftovers', () => {
  it('finds everything that is not allowed, hidden files and directories included', async () => {
    const directory = await tempDir();
    await Promise.all([
      writeFile(join(directory, '.a.part'), ''),
      mkdir(join(directory, 'b')),
      mkdir(join(directory, 'c')),
    ]);
    const found = await checkLeftovers(directory, ['b', 'not there']);
    expect(found.toSorted()).toEqual([`.a.part was left in ${directory}`, `c was left in ${directory}`]);
  });
});

describe('checkJson', () => {
  it('has nothing to report on the image itself', () => {
    expect(checkJson(JSON.stringify(ubuntu.image), ubuntu.image)).toEqual([]);
  });

  it('names each differing field that identifies an image', () => {
    const text = JSON.stringify({ ...ubuntu.image, id: '2', checksum: null, min_ram: 1 });
    expect(checkJson(text, ubuntu.image)).toEqual([
      'show -f json says id "2", the catalog "1"',
      `show -f json says checksum null, the catalog "${String(ubuntu.image.checksum)}"`,
    ]);
  });

  it.each(['', '[]', 'null', '{"id":'])('refuses what is no JSON object: %j', (text) => {
    expect(checkJson(text, ubuntu.image)).toEqual(['what show -f json printed is no JSON object']);
  });
});
