// One sample as something to be fuzzed: what a fuzzer thinks up says which bytes of it are changed, and how. See test/disk/fuzz.mjs.
import { UnreadableError } from '../../../src/disk/blocks/reading.ts';
import { drive, type Victim, victims } from './block-mutations.ts';
import { fileSystemSamples, readSample } from './file-system-corpus.ts';
import { lookAt, Meter, placesOf } from './file-system-mutations.ts';

/** Less than in mutation.test.ts: a fuzzer learns by trying often. */
const limits = { entries: 60, pages: 20, readBytes: 16 * 1024, fileBytes: 32 * 1024 };
const mostChanges = 32;

interface Subject {
  readonly bytes: Uint8Array;
  /** Where changes are made. */
  readonly places: readonly { readonly offset: number; readonly length: number }[];
  readonly mend: (bytes: Uint8Array) => void;
  readonly read: (bytes: Uint8Array) => void;
}

function subjectOf(name: string): Subject {
  const victim = victims.get(name);
  return victim === undefined ? fileSystem(name) : blocks(victim);
}

function fileSystem(name: string): Subject {
  const sample = fileSystemSamples.find((each) => each.name === name);
  if (sample === undefined) throw new Error(`no sample ${name}`);
  const bytes = Uint8Array.from(readSample(name));
  const mend = sample.mend ?? sample.makeMend?.(bytes.slice());
  return {
    bytes,
    places: placesOf(sample, bytes),
    mend: (changed) => mend?.(changed),
    read: (changed) => void lookAt(sample, changed, new Meter(), limits),
  };
}

function blocks(victim: Victim): Subject {
  return {
    bytes: victim.data,
    places: victim.sectors.map((sector) => ({ offset: sector * 512, length: 512 })),
    mend: () => victim.mend(victim.data),
    read: () => {
      try {
        drive(victim);
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
      }
    },
  };
}

/**
 * What is to be called with each input: whether it is mended, and changes, each of a place, an offset in it, a length and bytes.
 * @param name of a sample of `fileSystemSamples` or `blockSamples`
 */
export function makeTarget(name: string): (input: Uint8Array) => void {
  const { bytes, places, mend, read } = subjectOf(name);
  const original = bytes.slice();
  return (input) => {
    const view = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    for (let at = 1, changes = 0; at + 5 < view.length && changes < mostChanges; changes++) {
      const place = places[view.readUInt16LE(at) % places.length] ?? { offset: 0, length: 1 };
      const offset = place.offset + (view.readUInt16LE(at + 2) % place.length);
      const length = 1 + (view.readUInt8(at + 4) % 8);
      const change = view.subarray(at + 5, at + 5 + length);
      bytes.set(change.subarray(0, Math.max(0, bytes.length - offset)), offset);
      at += 5 + length;
    }
    if ((view[0] ?? 0) % 2 === 0) mend(bytes);
    try {
      read(bytes);
    } finally {
      bytes.set(original);
    }
  };
}
