// Containers and partition tables, changed at random, reproducibly by seed: reading them must always end with bytes or an
// UnreadableError, and request a proportionate amount of data.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gunzipSync } from 'node:zlib';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { type Reads, UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { openContainer } from '../../../../src/disk/containers/open-container.ts';
import { crc32c } from '../../../../src/disk/parsing/crc32c.ts';
import type { DetectedFormat } from '../../../../src/disk/parsing/finding.ts';
import { findVolumes } from '../../../../src/disk/volumes/find-volumes.ts';
import { randomFrom } from '../../random.ts';
import { containers, readContainer } from '../container-disk.ts';
import { lvmChecksum } from '../volumes/lvm.ts';
import { mbrSector, writeGpt } from '../volumes/partition-tables.ts';
import { tellingBytes } from '../patterns.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

export interface Victim {
  readonly name: string;
  readonly data: Buffer;
  readonly read: () => Reads<unknown>;
  /** Sectors with structures. */
  readonly sectors: readonly number[];
  /** Null if there is nothing to repair. */
  readonly mend: ((data: Buffer) => void) | null;
}

/** The sectors that are neither empty nor content of the disk. */
function structuresOf(data: Buffer): readonly number[] {
  return Array.from({ length: Math.floor(data.length / 512) }, (_, index) => index).filter((index) => {
    const sector = data.subarray(index * 512, index * 512 + 512);
    return sector.some((byte) => byte !== 0) && !sector.includes('@000') && !sector.includes('abcdefgabcdefg');
  });
}

/** Opens a container, and reads at several places. */
function* readContainerOf(format: DetectedFormat, data: Buffer): Reads<void> {
  const blocks = yield* openContainer(format, new FlatBlocks(data.length));
  const spans = Array.from({ length: 40 }, (_, index) => ({ offset: index * 230 * kibibyte, length: 2000 }));
  const pieces = yield* blocks.read([...spans, { offset: mebibyte, length: 256 * kibibyte }]);
  if (pieces.some(({ length }) => length > 256 * kibibyte)) throw new Error('more came than was asked for');
}

function* readVolumesOf(data: Buffer): Reads<void> {
  const volumes = yield* findVolumes(new FlatBlocks(data.length));
  if (volumes.length > 2000) throw new Error('too many volumes');
  for (const { blocks } of volumes) {
    try {
      yield* blocks.read([
        { offset: 0, length: 4096 },
        { offset: Math.max(0, blocks.size - 10), length: 100 },
      ]);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
    }
  }
}

function mendVhdx(data: Buffer): void {
  for (const [start, length] of [64, 128].map((at) => [at * kibibyte, 4096] as const)) {
    const structure = data.subarray(start, start + length);
    structure.fill(0, 4, 8);
    structure.writeUInt32LE(crc32c(structure), 4);
  }
  for (const start of [192 * kibibyte, 256 * kibibyte]) {
    const table = data.subarray(start, start + 64 * kibibyte);
    table.fill(0, 4, 8);
    table.writeUInt32LE(crc32c(table), 4);
  }
}

function mendGpt(data: Buffer): void {
  const header = data.subarray(512, 1024);
  const length = Math.min(header.readUInt32LE(12), 512);
  const table = data.subarray(1024, 1024 + Math.min(header.readUInt32LE(80) * header.readUInt32LE(84), mebibyte));
  header.writeUInt32LE(crc32(table), 88);
  header.fill(0, 16, 20);
  header.writeUInt32LE(crc32(header.subarray(0, length)), 16);
}

/** Repairs the checksums of physical volumes that begin at 1 and 5 MiB. */
function mendLvm(data: Buffer): void {
  for (const start of [mebibyte, 5 * mebibyte]) {
    const label = data.subarray(start + 512, start + 1024);
    label.writeUInt32LE(lvmChecksum(label.subarray(20)), 16);
    const area = data.subarray(start + 4096, start + 192 * kibibyte);
    const [at, length] = [Number(area.readBigUInt64LE(40)), Number(area.readBigUInt64LE(48))];
    if (at + length < area.length) area.writeUInt32LE(lvmChecksum(area.subarray(at, at + length)), 56);
    area.writeUInt32LE(lvmChecksum(area.subarray(4, 512)), 0);
  }
}

function makeVictims(): readonly Victim[] {
  const images = containers.map(([name]): Victim => {
    const data = readContainer(name);
    const [format = ''] = name.split('-');
    const mend = format === 'vhdx' ? mendVhdx : null;
    return {
      name,
      data,
      sectors: structuresOf(data),
      mend,
      read: () => readContainerOf(format as DetectedFormat, data),
    };
  });
  const gpt = tellingBytes(2 * mebibyte);
  writeGpt(gpt, {
    partitions: [
      [100n, 199n],
      [1000n, 1099n],
    ],
  });
  const mbr = tellingBytes(2 * mebibyte);
  mbr.set(
    mbrSector([
      [0x83, 64, 100],
      [0x05, 1000, 3000],
    ]),
    0,
  );
  mbr.set(
    mbrSector([
      [0x83, 8, 100],
      [0x05, 500, 500],
    ]),
    1000 * 512,
  );
  mbr.set(
    mbrSector([
      [0x83, 8, 100],
      [0x05, 700, 500],
    ]),
    1500 * 512,
  );
  const lvm = gunzipSync(readFileSync(join(import.meta.dirname, '../../../fixtures/disk/lvm.gz')));
  const disks = (
    [
      ['gpt', gpt, mendGpt],
      ['mbr', mbr, null],
      ['lvm', lvm, mendLvm],
    ] as const
  ).map(([name, data, mend]): Victim => ({
    name,
    data,
    sectors: structuresOf(data),
    mend,
    read: () => readVolumesOf(data),
  }));
  return [...images, ...disks];
}

/** More turns than any sample needs, changed or not. */
const mostTurns = 500;
const mostBytes = 64 * mebibyte;

export function drive({ read, data }: Victim): void {
  const reads = read();
  let asked = 0;
  let step = reads.next();
  for (let turns = 0; step.done !== true; turns++) {
    for (const { offset, length } of step.value) {
      if (!Number.isSafeInteger(offset) || offset < 0 || !Number.isSafeInteger(length) || length < 0) {
        throw new Error(`asked for ${String(length)} bytes at ${String(offset)}`);
      }
      asked += length;
    }
    if (turns >= mostTurns || asked > mostBytes) throw new Error(`${String(turns)} turns, ${String(asked)} bytes`);
    step = reads.next(step.value.map(({ offset, length }) => data.subarray(offset, offset + length)));
  }
}

const numbers = [
  0n,
  1n,
  2n,
  511n,
  512n,
  0xffffn,
  0x1_0000n,
  0x7fff_ffffn,
  0xffff_ffffn,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

export interface Outcome {
  /** The first few failures. */
  readonly failures: readonly string[];
  /** How many inputs could be read despite the change. */
  readonly readable: number;
}

export const victims: ReadonlyMap<string, Victim> = new Map(makeVictims().map((victim) => [victim.name, victim]));
export const blockSamples: readonly string[] = [...victims.keys()];

/** Changes a sample `count` times, and repairs it in two thirds of the inputs. @param seed ≥ 1 */
export function mutateBlocks(name: string, count: number, seed: number): Outcome {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const victim = victims.get(name) as Victim;
  const failures: string[] = [];
  let readable = 0;
  for (let input = 0; input < count && failures.length < 10; input++) {
    const undo: (() => void)[] = [];
    for (let changes = 1 + below(4); changes > 0; changes--) undo.push(change(victim, below));
    const kept = Buffer.from(victim.data.subarray(0, 320 * kibibyte));
    const isMended = below(3) > 0 && victim.mend !== null;
    const lvm = victim.name === 'lvm' ? Buffer.from(victim.data) : null;
    if (isMended) victim.mend?.(victim.data);
    try {
      drive(victim);
      readable += 1;
    } catch (error) {
      if (!(error instanceof UnreadableError)) failures.push(`${name}, input ${String(input)}: ${String(error)}`);
    }
    if (isMended) victim.data.set(lvm ?? kept, 0);
    for (const each of undo.toReversed()) each();
  }
  return { failures, readable };
}

/** Changes some bytes. @returns a function that undoes it */
function change({ data, sectors }: Victim, below: (limit: number) => number): () => void {
  const sector = sectors[below(3) > 0 ? below(Math.min(8, sectors.length)) : below(sectors.length)] ?? 0;
  const at = sector * 512 + below(below(2) === 0 ? 128 : 512);
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(numbers[below(numbers.length)] ?? 0n);
  const kinds = [
    Buffer.of(below(256)),
    number,
    number.subarray(0, 4),
    number.toReversed(),
    Buffer.alloc(40, below(256)),
  ];
  const bytes = kinds[below(kinds.length)] ?? number;
  const kept = Buffer.from(data.subarray(at, at + bytes.length));
  data.set(bytes.subarray(0, kept.length), at);
  return () => data.set(kept, at);
}
