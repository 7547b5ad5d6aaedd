// The disk that the containers of test/fixtures/disk/containers/ hold: see test/disk/make-container-fixtures.mjs.
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePattern } from '../../../examples/demo/images/content.ts';
import { tellingBytes } from './patterns.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/** Size of the disk in bytes, which is not a multiple of a cluster, block or grain. */
export const diskBytes = 9 * mebibyte + 3 * 512;

/** A range that was written, and overwritten with zeros if the format can record that. */
export const zeroed = { offset: 5 * mebibyte, length: 128 * kibibyte } as const;

/** The disk: data across boundaries of clusters, blocks and grains, and zeros everywhere else. */
export function makeDisk(): Buffer {
  const disk = Buffer.alloc(diskBytes);
  for (const [start, length] of [
    [0, 20 * kibibyte],
    [2 * mebibyte - 8 * kibibyte, 20 * kibibyte],
    [4 * mebibyte + 16 * kibibyte, 512],
    [8 * mebibyte - 512, 1024],
    [diskBytes - 512, 512],
  ] as const) {
    disk.set(tellingBytes(length, start), start);
  }
  disk.set(makePattern(2 * kibibyte), 3 * mebibyte);
  disk.fill('abcdefg', 6 * mebibyte, 6 * mebibyte + 200 * kibibyte);
  return disk;
}

/** Name, format as qemu-img calls it, options, and whether the data is compressed. */
export const containers: readonly (readonly [name: string, format: string, options: string, compresses: boolean])[] = [
  ['qcow2-v2', 'qcow2', 'compat=0.10', false],
  ['qcow2-v3', 'qcow2', 'compat=1.1', false],
  ['qcow2-512', 'qcow2', 'cluster_size=512', false],
  ['qcow2-extended', 'qcow2', 'extended_l2=on,cluster_size=64k', false],
  ['qcow2-zlib', 'qcow2', 'compression_type=zlib', true],
  ['qcow2-zstd', 'qcow2', 'compression_type=zstd', true],
  ['qcow2-zstd-extended', 'qcow2', 'compression_type=zstd,extended_l2=on,cluster_size=256k', true],
  ['vmdk-sparse', 'vmdk', 'subformat=monolithicSparse', false],
  ['vmdk-zeroed', 'vmdk', 'subformat=monolithicSparse,zeroed_grain=on', false],
  ['vmdk-stream', 'vmdk', 'subformat=streamOptimized', false],
  ['vhd-dynamic', 'vpc', 'subformat=dynamic,force_size=on', false],
  ['vhd-fixed', 'vpc', 'subformat=fixed,force_size=on', false],
  ['vhdx-dynamic', 'vhdx', 'subformat=dynamic,block_size=1M', false],
  ['vdi-dynamic', 'vdi', '', false],
  ['vdi-static', 'vdi', 'static=on', false],
];

/** The folder of their fixtures. */
export const containerFixtures = join(import.meta.dirname, '../../fixtures/disk/containers');

/** Reads one of them, decompressed. */
export function readContainer(name: string): Buffer {
  return gunzipSync(readFileSync(join(containerFixtures, `${name}.gz`)));
}
