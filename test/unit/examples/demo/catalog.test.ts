import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDemoImages, writeCatalog } from '../../../../examples/demo/catalog.ts';
import { imageKeys } from '../../../../src/image/image.ts';
import { checkWithQemu, describeWithQemu, needQemuImg } from './images/qemu-img.ts';

const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');
const images = makeDemoImages();

describe('makeDemoImages', () => {
  it('makes the same bytes on every machine and every run', () => {
    expect(images.map(({ image, data }) => [image.id, data.length, md5(data)])).toEqual([
      ['1', 8388608, '620784770ecfffd0c5f1071e7a206634'],
      ['2', 1572864, 'fa8745e31df02b89758a87727b5913a4'],
      ['3', 569344, '6f1317856c394ff3b69632d587ea0558'],
      ['4', 262144, '7716ace8e31b05d1a209c9cdc610bc3e'],
      ['5', 2109952, '14614ceb70417702ae71479cbbed9736'],
      ['6', 2097152, '9184d55e50fcc092a254a29bbeb2d832'],
    ]);
  });

  it('gives every image the checksum and size of its data, except for the damaged one, whose checksum is wrong', () => {
    expect(images.filter(({ image, data }) => image.checksum !== md5(data)).map(({ image }) => image.id)).toEqual([
      '6',
    ]);
    expect(images.filter(({ image, data }) => image.size !== data.length)).toEqual([]);
  });

  it('damages a single bit', () => {
    const damaged = images.find(({ image }) => image.id === '6');
    const data = Buffer.from(damaged?.data ?? []);
    expect(data.at(-1)).toBe(1);
    data.writeUInt8(0, data.length - 1);
    expect(md5(data)).toBe(damaged?.image.checksum);
  });

  it('has the image of the specification as number 1, and a name outside ASCII', () => {
    expect(images[0]?.image).toMatchObject({
      id: '1',
      name: 'Ubuntu 10.04 Plain',
      disk_format: 'raw',
      container_format: 'bare',
      properties: { distro: 'Ubuntu 10.04 LTS' },
    });
    expect(images[1]?.image.name).toBe('Größe 日本語 ☃');
  });

  it('describes every image by all keys of the image model, in their order', () => {
    for (const { image } of images) expect(Object.keys(image)).toEqual([...imageKeys]);
  });

  it('stays under 20 MiB in all', () => {
    expect(images.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThan(20 * 2 ** 20);
  });

  it.for([
    ['2', 'qcow2'],
    ['4', 'vmdk'],
    ['5', 'vpc'],
  ] as const)('has the virtual size that qemu-img sees: image %s as %s', ([id, format], context) => {
    needQemuImg(context);
    const found = images.find(({ image }) => image.id === id);
    const data = found?.data ?? Buffer.alloc(0);
    expect(describeWithQemu(data, format)['virtual-size']).toBe(found?.image.virtual_size);
    // qemu-img has no check for VHD.
    if (format !== 'vpc') checkWithQemu(data, format);
  });
});

describe('writeCatalog', () => {
  it('writes the data of each image and beside it its metadata as JSON', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'glance-catalog-'));
    try {
      await writeCatalog(directory, images);
      const names = images.flatMap(({ fileName }) => [fileName, `${fileName}.json`]);
      expect((await readdir(directory)).toSorted()).toEqual(names.toSorted());
      const checks = images.map(async ({ fileName, image, data }) => {
        expect((await readFile(join(directory, fileName))).equals(data)).toBe(true);
        expect(JSON.parse(await readFile(join(directory, `${fileName}.json`), 'utf8'))).toEqual(image);
      });
      await Promise.all(checks);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
