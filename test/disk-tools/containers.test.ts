// Disks converted by qemu-img to every supported container, compared byte for byte with the originals.
import { closeSync, copyFileSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePattern } from '../../examples/demo/images/content.ts';
import { type Blocks, FlatBlocks } from '../../src/disk/blocks/blocks.ts';
import { openContainer } from '../../src/disk/containers/open-container.ts';
import { FileSource, inspectSource } from '../../src/disk/source.ts';
import { open } from 'node:fs/promises';
import { driveFile } from '../support/disk/drive-file.ts';
import { tellingBytes } from '../support/disk/patterns.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { tempDir } from '../support/temp-dir.ts';

const mebibyte = 1024 * 1024;
const size = 160 * mebibyte + 512 * 7;

/** Mostly holes; the rest is patterned, random, repeated or zeros. */
function makeRaw(path: string): void {
  const file = openSync(path, 'w');
  ftruncateSync(file, size);
  for (const start of [0, 3 * mebibyte + 4096, 40 * mebibyte - 8192, 90 * mebibyte]) {
    writeSync(file, tellingBytes(mebibyte + 65_536 + 1536, start), 0, undefined, start);
  }
  writeSync(file, makePattern(3 * mebibyte), 0, undefined, 64 * mebibyte);
  writeSync(file, Buffer.alloc(2 * mebibyte, 'same'), 0, undefined, 70 * mebibyte);
  writeSync(file, Buffer.alloc(512, 'last'), 0, undefined, size - 512);
  closeSync(file);
}

interface Case {
  readonly name: string;
  readonly format: string;
  readonly options?: string;
  readonly compress?: boolean;
}

const cases: readonly Case[] = [
  { name: 'raw', format: 'raw' },
  ...['compat=0.10', 'compat=1.1', 'cluster_size=512', 'cluster_size=4096', 'cluster_size=2M', 'lazy_refcounts=on'].map(
    (options) => ({ name: `qcow2 ${options}`, format: 'qcow2', options }),
  ),
  ...['extended_l2=on', 'extended_l2=on,cluster_size=16k', 'extended_l2=on,cluster_size=2M'].map((options) => ({
    name: `qcow2 ${options}`,
    format: 'qcow2',
    options,
  })),
  ...['preallocation=metadata', 'preallocation=falloc'].map((options) => ({
    name: `qcow2 ${options}`,
    format: 'qcow2',
    options,
  })),
  ...[
    'compression_type=zlib',
    'compression_type=zlib,cluster_size=512',
    'compression_type=zlib,cluster_size=2M',
    'compression_type=zlib,extended_l2=on',
    'compression_type=zstd',
    'compression_type=zstd,cluster_size=4096',
    'compression_type=zstd,cluster_size=2M',
    'compression_type=zstd,extended_l2=on,cluster_size=128k',
  ].map((options) => ({ name: `qcow2 ${options}, compressed`, format: 'qcow2', options, compress: true })),
  { name: 'VMDK monolithicSparse', format: 'vmdk', options: 'subformat=monolithicSparse' },
  { name: 'VMDK with zeroed grains', format: 'vmdk', options: 'subformat=monolithicSparse,zeroed_grain=on' },
  { name: 'VMDK streamOptimized', format: 'vmdk', options: 'subformat=streamOptimized' },
  { name: 'VHD dynamic', format: 'vpc', options: 'subformat=dynamic' },
  { name: 'VHD dynamic, of its exact size', format: 'vpc', options: 'subformat=dynamic,force_size=on' },
  { name: 'VHD fixed', format: 'vpc', options: 'subformat=fixed,force_size=on' },
  { name: 'VHDX', format: 'vhdx' },
  { name: 'VHDX of blocks of 1 MiB', format: 'vhdx', options: 'subformat=dynamic,block_size=1M' },
  { name: 'VHDX fixed', format: 'vhdx', options: 'subformat=fixed' },
  { name: 'VDI', format: 'vdi' },
  { name: 'VDI static', format: 'vdi', options: 'static=on' },
];

/** Compares all bytes, a few MiB at a time, and then pieces here and there. */
function expectSame(blocks: Blocks, file: number, raw: string): void {
  const expected = openSync(raw, 'r');
  const bytesOf = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    readSync(expected, bytes, 0, length, offset);
    return bytes;
  };
  const step = 5 * mebibyte + 12_345;
  for (let offset = 0; offset < blocks.size; offset += step) {
    const length = Math.min(step, blocks.size - offset);
    const [bytes] = driveFile(blocks.read([{ offset, length }]), file);
    expect(Buffer.compare(bytes ?? new Uint8Array(), bytesOf(offset, length)), `from byte ${String(offset)}`).toBe(0);
  }
  const spans = Array.from({ length: 300 }, (_, index) => ({
    offset: (index * 7_919_333) % size,
    length: (index * 37) % 9000,
  }));
  const pieces = driveFile(blocks.read(spans), file);
  for (const [index, { offset, length }] of spans.entries()) {
    const end = Math.min(length, blocks.size - offset);
    expect(Buffer.compare(pieces[index] ?? new Uint8Array(), bytesOf(offset, end)), `at ${String(offset)}`).toBe(0);
  }
  closeSync(expected);
}

describe.skipIf(!hasTools('qemu-img'))('a disk that qemu-img has put into a container', () => {
  it.each(cases)('is the same as $name', async ({ name, format, options, compress }) => {
    const directory = await tempDir();
    const raw = join(directory, 'raw');
    makeRaw(raw);
    const path = join(directory, name.replaceAll(/\W/g, '-'));
    const more = [...(options === undefined ? [] : ['-o', options]), ...(compress === true ? ['-c'] : [])];
    if (format === 'raw') copyFileSync(raw, path);
    else runTool('qemu-img', ['convert', '-f', 'raw', '-O', format, ...more, raw, path]);
    const handle = await open(path);
    const found = await inspectSource(new FileSource(handle, statSync(path).size), true);
    await handle.close();
    const file = openSync(path, 'r');
    const blocks = driveFile(openContainer(found.format, new FlatBlocks(statSync(path).size)), file);
    expect(blocks.size).toBeGreaterThanOrEqual(size);
    expect(blocks.size).toBeLessThan(size + 2 * mebibyte);
    expectSame(blocks, file, raw);
    closeSync(file);
  });
});
