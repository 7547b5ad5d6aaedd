// The images of the demo: small, real disk images and what a Glance says about them. The same bytes on every run.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '../../src/image/image.ts';
import { type DiskContent, makePattern, writeRaw } from './images/content.ts';
import { writeIso9660 } from './images/iso9660.ts';
import { makePartitionedDisk } from './images/partitioned.ts';
import { writeQcow2 } from './images/qcow2.ts';
import { writeDynamicVhd } from './images/vhd.ts';
import { writeVmdk } from './images/vmdk.ts';

/** An image with its data. */
export interface DemoImage {
  /** Name of the file in the catalog's directory. */
  readonly fileName: string;
  readonly image: Image;
  /** Of `image.size` bytes. Its MD5 is `image.checksum`, except where the data is damaged on purpose. */
  readonly data: Buffer;
}

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;
const readme = Buffer.from('This disk was made by the demo of glance-cli.\r\n');

/** All of them, with the ids `1` to `6`. Number 6 is damaged: its data does not match its checksum. */
export function makeDemoImages(): readonly DemoImage[] {
  return [
    describe('ubuntu-10.04.raw', writeRaw(makeDisk(8 * mebibyte, 'mbr', makePattern(6 * mebibyte))), {
      id: '1',
      name: 'Ubuntu 10.04 Plain',
      disk_format: 'raw',
      virtual_size: 8 * mebibyte,
      min_ram: 256,
      properties: { distro: 'Ubuntu 10.04 LTS' },
    }),
    describe('unicode.qcow2', writeQcow2(makeDisk(64 * mebibyte, 'gpt', makePattern(mebibyte))), {
      id: '2',
      name: 'Größe 日本語 ☃',
      disk_format: 'qcow2',
      virtual_size: 64 * mebibyte,
      properties: { description: 'a name that is not ASCII' },
    }),
    describe('rescue.iso', makeIso(), { id: '3', name: 'Rescue CD', disk_format: 'iso' }),
    describe('appliance.vmdk', writeVmdk(makeDisk(256 * mebibyte, 'gpt')), {
      id: '4',
      name: 'Appliance',
      disk_format: 'vmdk',
      virtual_size: 256 * mebibyte,
      protected: true,
    }),
    describe('ubuntu-10.04-5gb.vhd', writeDynamicVhd(makeDisk(5 * gibibyte, 'mbr')), {
      id: '5',
      name: 'Ubuntu 10.04 Plain 5GB',
      disk_format: 'vhd',
      container_format: 'ovf',
      virtual_size: 5 * gibibyte,
      min_disk: 5,
      min_ram: 256,
      properties: { distro: 'Ubuntu 10.04 LTS' },
    }),
    makeDamaged(),
  ];
}

/**
 * Writes each image's data and beside it, as `FILE.json`, its metadata.
 * @param directory an existing one
 */
export async function writeCatalog(directory: string, images: readonly DemoImage[]): Promise<void> {
  for (const { fileName, image, data } of images) {
    const path = join(directory, fileName);
    await Promise.all([writeFile(path, data), writeFile(`${path}.json`, `${JSON.stringify(image, null, 2)}\n`)]);
  }
}

function makeDisk(size: number, table: 'mbr' | 'gpt', bytes: Uint8Array = readme): DiskContent {
  // FAT12 has its limits: the partition is never larger than 64 MiB less the tables.
  const sectors = Math.min(size / 512 - 2048 - 33, 2 ** 17);
  return makePartitionedDisk({ size, table, sectors, file: { name: 'README.TXT', bytes } });
}

function makeIso(): Buffer {
  const file = { name: 'RESCUE.BIN', bytes: makePattern(mebibyte / 2) };
  return writeIso9660({ volume: 'RESCUE', directory: 'BOOT', file });
}

/** One bit in the last byte of the data has flipped since the checksum was taken. */
function makeDamaged(): DemoImage {
  const sound = describe('damaged.raw', writeRaw(makeDisk(2 * mebibyte, 'mbr')), {
    id: '6',
    name: 'Damaged in the store',
    disk_format: 'raw',
    virtual_size: 2 * mebibyte,
  });
  const data = Buffer.from(sound.data);
  // It was zero. Only a digest over everything can tell.
  data.writeUInt8(1, data.length - 1);
  return { ...sound, data };
}

function describe(fileName: string, data: Buffer, { id, ...facts }: Pick<Image, 'id'> & Partial<Image>): DemoImage {
  const image: Image = {
    id,
    name: null,
    status: 'active',
    visibility: 'public',
    disk_format: null,
    container_format: 'bare',
    size: data.length,
    virtual_size: null,
    checksum: createHash('md5').update(data).digest('hex'),
    os_hash_algo: null,
    os_hash_value: null,
    os_hidden: false,
    min_disk: 0,
    min_ram: 0,
    owner: null,
    protected: false,
    tags: [],
    created_at: '2010-02-03T09:34:01Z',
    updated_at: '2010-02-03T09:34:01Z',
    deleted_at: null,
    direct_url: null,
    locations: null,
    stores: null,
    properties: {},
    ...facts,
  };
  return { fileName, image, data };
}
