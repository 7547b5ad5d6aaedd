// File systems changed at random over and over, where their readers look; reproducible by seed. A few thousand inputs in CI; by
// hand, with test/disk/mutate.mjs, as many as you like.
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { type Reads, type Span, UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { driveReads } from '../drive-reads.ts';
import type { FileSystemSample } from '../volumes/file-system-corpus.ts';
import { randomFrom } from '../../random.ts';
import { Victim } from './victim.ts';
import { findPath, walk, type WalkLimits } from '../walk.ts';

// Exported for the script, whose bundle must not have a class twice.
export { fileSystemSamples, readSample } from '../volumes/file-system-corpus.ts';

/** Most turns of one step: opening, a page, the facts of a file, or all its pieces. */
const mostTurns = 5000;
const mostBytes = 32 * 1024 * 1024;
const limits = { entries: 400, pages: 200, readBytes: 16 * 1024, fileBytes: 256 * 1024 };

export interface FileSystemOutcome {
  /** The first few failures. */
  readonly failures: readonly string[];
  /** Changed file systems that could be opened, and files that were found in them. */
  readonly opened: number;
  readonly files: number;
  /** The maximum of one step, and milliseconds of the slowest input. */
  readonly mostTurns: number;
  readonly mostBytes: number;
  readonly mostTime: number;
}

/** Counts what steps request. An UnreadableError becomes null; other errors are thrown. */
export class Meter {
  turns = 0;
  bytes = 0;

  *attempt<T>(reads: Reads<T>): Reads<T | null> {
    let turns = 0;
    let bytes = 0;
    try {
      let step = reads.next();
      while (step.done !== true) {
        turns++;
        bytes += step.value.reduce((sum, { length }) => sum + length, 0);
        this.turns = Math.max(this.turns, turns);
        this.bytes = Math.max(this.bytes, bytes);
        if (turns > mostTurns) throw new Error('one step takes too many turns');
        if (!(bytes <= mostBytes)) throw new Error(`one step asks for ${String(bytes)} bytes`);
        step = reads.next(yield step.value);
      }
      return step.value;
    } catch (error) {
      if (error instanceof UnreadableError) return null;
      throw error;
    }
  }
}

/** Opens a file system and reads everything. @returns the number of files found; null if it could not be opened */
export function lookAt(
  { reader }: FileSystemSample,
  bytes: Uint8Array,
  meter: Meter,
  bounds: WalkLimits = limits,
): number | null {
  reader.recognise(bytes.subarray(0, 128 * 1024));
  const files = driveReads(meter.attempt(reader.open(new FlatBlocks(bytes.length))), bytes);
  if (files === null) return null;
  const found = driveReads(
    walk(files, bounds, (reads) => meter.attempt(reads)),
    bytes,
  );
  // Some of the existing names, and a missing one.
  const sought = Array.from(found.keys()).filter((_, index) => index % 20 === 0);
  for (const path of [...sought, 'a/name/that/is/nowhere']) driveReads(meter.attempt(findPath(files, path)), bytes);
  return found.size;
}

/** Where the reader looks for anything but the data of files. */
export function placesOf({ reader }: FileSystemSample, bytes: Uint8Array): readonly Span[] {
  const places: Span[] = [];
  const keep = (spans: readonly Span[]): number => places.push(...spans.filter(({ length }) => length > 0));
  const files = driveReads(reader.open(new FlatBlocks(bytes.length)), bytes, keep);
  driveReads(walk(files, { ...limits, fileBytes: 0 }), bytes, keep);
  return places;
}

/** Changes a sample `count` times. If it can be repaired, it is in two thirds of the inputs. */
export function mutateFileSystem(
  sample: FileSystemSample,
  original: Uint8Array,
  count: number,
  seed: number,
): FileSystemOutcome {
  const random = randomFrom(seed);
  const bytes = Uint8Array.from(original);
  const mend = sample.mend ?? sample.makeMend?.(original);
  const victim = new Victim(bytes, placesOf(sample, bytes), random, mend !== undefined);
  const meter = new Meter();
  const failures: string[] = [];
  let opened = 0;
  let files = 0;
  let mostTime = 0;
  for (let input = 0; input < count && failures.length < 10; input++) {
    for (let changes = 1 + Math.floor(random() * 5); changes > 0; changes--) victim.change();
    if (random() < 0.67) mend?.(bytes);
    const length = random() < 0.1 ? Math.floor(random() * bytes.length) : bytes.length;
    const began = process.cpuUsage();
    try {
      const found = lookAt(sample, bytes.subarray(0, length), meter);
      if (found !== null) opened++;
      files += found ?? 0;
    } catch (error) {
      failures.push(`${sample.name}, seed ${String(seed)}, input ${String(input)}: ${String(error)}`);
    }
    const { user, system } = process.cpuUsage(began);
    mostTime = Math.max(mostTime, (user + system) / 1000);
    victim.restore();
  }
  return { failures, opened, files, mostTurns: meter.turns, mostBytes: meter.bytes, mostTime };
}
