// Images of the corpus, changed at random over and over; reproducible by seed. A few thousand inputs in `npm test`; by hand, with
// test/mutations.mjs, as many as you like.
import { PassingInspector } from '../../../../src/disk/passing.ts';
import { createReport, undeclared } from '../../../../src/disk/report.ts';
import { corpus, type Sample } from '../corpus.ts';
import { randomFrom } from '../../random.ts';
import { drive } from '../drive.ts';

export interface Outcome {
  readonly inputs: number;
  /** The first few failures: sample, number of the input, reason. */
  readonly failures: readonly string[];
  /** Number of inputs by the format that was found. */
  readonly formats: ReadonlyMap<string, number>;
  /** The most that one input took: milliseconds of processor time, which input that was, and growth of memory in bytes. */
  readonly mostTime: number;
  readonly slowest: string;
  readonly mostGrowth: number;
}

const kibibyte = 1024;
/** Where structures lie; most changes are made there. */
const places: readonly (readonly [offset: number, length: number])[] = [
  [0, 16],
  [0, 128],
  [0, 700],
  [446, 66],
  [512, 2048],
  [512, 20 * kibibyte],
  [32 * kibibyte, 4 * kibibyte],
  [64 * kibibyte, 128],
  [128 * kibibyte, 128],
  [192 * kibibyte, 256],
  [256 * kibibyte, 256],
  [kibibyte * kibibyte, 300],
  [1088 * kibibyte, 200],
];

/** Numbers that upset arithmetic, little-endian; half of the time written big-endian. */
const numbers = [
  0n,
  1n,
  7n,
  511n,
  0xffffn,
  0x1_0000n,
  0x7fff_ffffn,
  0xffff_ffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
];
const texts = [
  'createType=',
  'parentFileNameHint',
  'parentCID=',
  'RW 1 SPARSE "',
  'a=',
  ' ',
  '\r',
  '\n',
  '\t ',
  '"',
  '=',
  '<',
  '<File href="',
  "<File a='",
  '<!--',
  '-->',
  '<![CDATA[',
  '&#x2f;',
  '12 path=a\n',
  'conectix',
  'EFI PART',
  'P*M\u0018\0\0\0\0',
  '\0',
  '\u00ff',
];

/** Changes an image in place, and can put it back. */
class Victim {
  readonly bytes: Buffer;
  readonly #random: () => number;
  readonly #undo: (() => void)[] = [];

  constructor(bytes: Buffer, random: () => number) {
    this.bytes = bytes;
    this.#random = random;
  }

  change(): void {
    const [start, span] = this.#pick(places);
    const at = Math.min(start + this.#below(span), Math.max(0, this.bytes.length - 1));
    switch (this.#below(5)) {
      case 0:
        this.#write(at, Buffer.from([this.#pick([0, 1, 0x7f, 0x80, 0xff, this.#below(256)])]));
        break;
      case 1: {
        const number = Buffer.alloc(8);
        number.writeBigUInt64LE(this.#pick(numbers));
        this.#write(at, this.#pick([number, number.subarray(0, 4), number.toReversed(), number.subarray(0, 2)]));
        break;
      }
      case 2:
        this.#write(at, Buffer.from(this.#pick(texts).repeat(this.#pick([1, 2, 40, 3000])), 'latin1'));
        break;
      case 3: {
        const { bytes } = this.#pick(corpus);
        const from = Math.min(this.#pick(places)[0], bytes.length);
        this.#write(at, bytes.subarray(from, from + this.#pick([4, 16, 64, 512, 4096])));
        break;
      }
      default:
        this.#write(at, Buffer.from(Array.from({ length: this.#pick([4, 64, 600]) }, () => this.#below(256))));
    }
  }

  restore(): void {
    for (const undo of this.#undo.splice(0).toReversed()) undo();
  }

  #write(at: number, bytes: Uint8Array): void {
    const kept = Buffer.from(this.bytes.subarray(at, at + bytes.length));
    this.bytes.set(bytes.subarray(0, kept.length), at);
    this.#undo.push(() => this.bytes.set(kept, at));
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T;
  }
}

/** Checks what must hold for every reading. @returns the format */
function check(bytes: Buffer, random: () => number): string {
  const hasEnd = random() < 0.7;
  const { finding, asked } = drive(bytes, hasEnd);
  const most = finding.format === 'vhdx' ? 17 : 2;
  if (asked > most * kibibyte * kibibyte) throw new Error(`${String(asked)} bytes were asked for`);
  const inspected = { id: null, name: null, path: 'x', size: bytes.length, declared: undeclared };
  const report = createReport(inspected, finding, asked);
  JSON.stringify(report, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  if (hasEnd && random() < 0.1) checkPassing(bytes, report.format, random);
  return finding.format;
}

function checkPassing(bytes: Buffer, format: string | null, random: () => number): void {
  const passing = new PassingInspector(random() < 0.5 ? bytes.length : null, true);
  const length = 4096 + Math.floor(random() * 200_000);
  for (let at = 0; at < bytes.length; at += length) passing.update(bytes.subarray(at, at + length));
  const found = passing.finish().format;
  if (found !== format) throw new Error(`in passing it is ${found}, from a file ${String(format)}`);
}

/** @param report called now and then with the number of inputs done */
export function runMutations(count: number, seed: number, report?: (done: number) => void): Outcome {
  const random = randomFrom(seed);
  const victims = corpus.map((sample: Sample) => ({ sample, victim: new Victim(Buffer.from(sample.bytes), random) }));
  const formats = new Map<string, number>();
  const failures: string[] = [];
  let mostTime = 0;
  let mostGrowth = 0;
  let slowest = '';
  for (let input = 0; input < count; input++) {
    const { sample, victim } = victims[Math.floor(random() * victims.length)] as (typeof victims)[number];
    for (let changes = 1 + Math.floor(random() * 6); changes > 0; changes--) victim.change();
    const length = random() < 0.2 ? Math.floor(random() ** 2 * victim.bytes.length) : victim.bytes.length;
    const before = memory();
    const began = process.cpuUsage();
    try {
      const format = check(victim.bytes.subarray(0, length), random);
      formats.set(format, (formats.get(format) ?? 0) + 1);
    } catch (error) {
      if (failures.length < 20) failures.push(`${sample.name}, input ${String(input)}: ${String(error)}`);
    }
    const { user, system } = process.cpuUsage(began);
    if (user + system > mostTime * 1000) slowest = `${sample.name}, input ${String(input)}`;
    mostTime = Math.max(mostTime, (user + system) / 1000);
    mostGrowth = Math.max(mostGrowth, memory() - before);
    victim.restore();
    if (report !== undefined && input % 10_000 === 9999) report(input + 1);
  }
  return { inputs: count, failures, formats, mostTime, slowest, mostGrowth };
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
