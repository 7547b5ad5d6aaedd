// One sample as a fuzz target: the input of a fuzzer says which bytes of the sample to change, and how. See test/disk/fuzz.mjs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Span, UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { emptyDraft } from '../../../../src/disk/contents/collect.ts';
import { readDisk } from '../../../../src/disk/contents/read-disk.ts';
import { unlzo } from '../../../../src/disk/compression/lzo.ts';
import { unzstd } from '../../../../src/disk/compression/unpack.ts';
import { drive, type Victim, victims } from './block-mutations.ts';
import { driveReads } from '../drive-reads.ts';
import { type FileSystemSample, fileSystemSamples, readSample } from '../volumes/file-system-corpus.ts';
import { lookAt, Meter, placesOf } from './file-system-mutations.ts';
import { testDay } from '../guests/guests.ts';
import { isListed, type PackageSample, packageSamples } from './package-mutations.ts';
import { readZstd } from '../zstd-samples.ts';

/** Lower than in mutations.test.ts, since a fuzzer learns from many runs. */
const limits = { entries: 60, pages: 200, readBytes: 16 * 1024, fileBytes: 32 * 1024 };
const mostChanges = 32;
/** Length of a line: a piece of the sample in which a change begins. */
const lineBytes = 64;
const unpackedBytes = 64 * 1024;
/** Most bytes to read of a whole disk: more than `inspect --contents` reads by default. */
const mostBytes = 64 * 1024 * 1024;

interface Subject {
  readonly bytes: Uint8Array;
  /** Where changes are made. */
  readonly places: readonly Span[];
  /** Null if there is nothing to repair. */
  readonly mend: ((bytes: Uint8Array) => void) | null;
  readonly read: (bytes: Uint8Array) => void;
}

const decoders: Readonly<Record<string, () => Subject>> = {
  zstd: () => whole(readZstd('words', '-19'), (bytes) => unzstd(bytes, unpackedBytes)),
  lzo: () => whole(Buffer.alloc(256, 'abc\u0011'), (bytes) => unlzo(bytes, new Uint8Array(unpackedBytes))),
};

function subjectOf(name: string): Subject {
  const victim = victims.get(name);
  if (victim !== undefined) return blocks(victim);
  const sample = fileSystemSamples.find((each) => each.name === name);
  if (sample !== undefined) return fileSystem(sample);
  const database = packageSamples.find((each) => each.name === name);
  if (database !== undefined) return packages(database);
  if (name === 'guest') return guest();
  const decoder = decoders[name];
  if (decoder === undefined) throw new Error(`no sample ${name}`);
  return decoder();
}

function fileSystem(sample: FileSystemSample): Subject {
  const bytes = Uint8Array.from(readSample(sample.name));
  return {
    bytes,
    places: placesOf(sample, bytes),
    mend: sample.mend ?? sample.makeMend?.(bytes) ?? null,
    read: (changed) => void lookAt(sample, changed, new Meter(), limits),
  };
}

function blocks(victim: Victim): Subject {
  const { data, sectors, mend } = victim;
  return {
    bytes: data,
    places: sectors.map((sector) => ({ offset: sector * 512, length: 512 })),
    mend: mend && ((): void => mend(data)),
    read: () => drive(victim),
  };
}

function packages({ tree, path }: PackageSample): Subject {
  const content = Buffer.from(tree[path] as Uint8Array | string);
  return whole(content, (bytes) => isListed({ ...tree, [path]: bytes }));
}

function whole(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): Subject {
  return { bytes, places: [{ offset: 0, length: bytes.length }], mend: null, read };
}

/** Everything that `inspect --contents` looks at in a disk. */
function guest(): Subject {
  const bytes = gunzipSync(readFileSync(join(import.meta.dirname, '../../../fixtures/disk/guest.qcow2.gz')));
  const places: Span[] = [];
  const read = (changed: Uint8Array, onTurn: (spans: readonly Span[]) => void): void => {
    const expected = { claims: {}, now: testDay, listsPackages: true };
    driveReads(readDisk('qcow2', changed.length, emptyDraft(), expected), changed, onTurn);
  };
  read(bytes, (spans) => places.push(...spans.filter(({ length }) => length > 0)));
  return {
    bytes,
    places,
    mend: null,
    read: (changed) => {
      let asked = 0;
      read(changed, (spans) => {
        for (const { length } of spans) asked += length;
        if (!(asked <= mostBytes)) throw new Error(`${String(asked)} bytes were asked for`);
      });
    },
  };
}

/**
 * The function to call with each input, which says whether to repair the sample, and gives changes, each with a line, an offset
 * in it, a length and bytes.
 * @param name of a file system, container, partition table or package database; `guest`, `zstd` or `lzo`
 */
export function makeTarget(name: string): (input: Uint8Array) => void {
  const { bytes, places, mend, read } = subjectOf(name);
  const lines = linesOf(bytes, places);
  // Not `slice`, which is a view if the bytes are a Buffer.
  const original = Uint8Array.from(bytes);
  return (input) => {
    const changed = applyTo(bytes, lines, input);
    const isMended = mend !== null && (input[0] ?? 0) % 2 === 0;
    if (isMended) mend(bytes);
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
    } finally {
      if (isMended) bytes.set(original);
      else for (const { offset, length } of changed) bytes.set(original.subarray(offset, offset + length), offset);
    }
  };
}

/** Offsets of the lines in these places that are not empty, since readers hardly look at free space in a structure. */
function linesOf(bytes: Uint8Array, places: readonly Span[]): readonly number[] {
  const lines = new Set<number>();
  for (const { offset, length } of places) {
    for (let at = offset - (offset % lineBytes); at < Math.min(offset + length, bytes.length); at += lineBytes) {
      if (bytes.subarray(at, at + lineBytes).some((byte) => byte !== 0)) lines.add(at);
    }
  }
  return [...lines];
}

/** Makes the changes of an input. @returns what was changed */
function applyTo(bytes: Uint8Array, lines: readonly number[], input: Uint8Array): readonly Span[] {
  const view = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  const changed: Span[] = [];
  for (let at = 1; at + 4 < view.length && changed.length < mostChanges;) {
    const line = lines[view.readUInt16LE(at) % lines.length] ?? 0;
    const offset = Math.min(line + (view.readUInt8(at + 2) % lineBytes), bytes.length - 1);
    const length = 1 + (view.readUInt8(at + 3) % 8);
    const change = view.subarray(at + 4, at + 4 + length).subarray(0, bytes.length - offset);
    bytes.set(change, offset);
    changed.push({ offset, length: change.length });
    at += 4 + length;
  }
  return changed;
}
