// A finding in progress: what a parser has noted so far.
import { countOf } from '../../text/count.ts';
import { type Detail, type DetectedFormat, type DiskFinding, type PartitionTable, plainFinding } from './finding.ts';
import { hazard, type HazardCode, type Hazard, type Severity } from './hazards.ts';
import { sizeLimit } from './bytes.ts';

/** A file can have the same fault a hundred thousand times. */
const mostOfOneCode = 20;

export class Draft {
  readonly #format: DetectedFormat;
  readonly #hazards: Hazard[] = [];
  readonly #counts = new Map<HazardCode, number>();
  readonly #features: string[] = [];
  readonly #details: Record<string, Detail> = {};
  #virtualSize: bigint | null = null;
  backingFile: string | null = null;
  dataFile: string | null = null;
  encrypted = false;
  snapshots: number | null = null;
  partitions: PartitionTable | null = null;

  constructor(format: DetectedFormat) {
    this.#format = format;
  }

  /** Notes a hazard; repeated messages count once, and only a few per code are kept. */
  warn(code: HazardCode, message: string, severity?: Severity): this {
    const count = this.#counts.get(code) ?? 0;
    if (count >= mostOfOneCode) return this;
    const noted = severity === undefined ? hazard(code, message) : hazard(code, message, severity);
    if (this.#hazards.some((each) => each.code === code && each.message === noted.message)) return this;
    this.#counts.set(code, count + 1);
    this.#hazards.push(noted);
    return this;
  }

  /** Warns with `header_invalid` unless the condition holds. */
  require(holds: boolean, message: string): this {
    return holds ? this : this.warn('header_invalid', message);
  }

  /** Notes that the data ends too soon. */
  truncated(what: string): this {
    return this.warn('header_truncated', `the data ends within ${what}`);
  }

  feature(name: string): this {
    this.#features.push(name);
    return this;
  }

  detail(name: string, value: Detail): this {
    this.#details[name] = value;
    return this;
  }

  /** Sets the size of the disk in bytes; negative values and those from 2^63 are ignored. */
  size(bytes: bigint): this {
    if (bytes >= 0n && bytes < sizeLimit) this.#virtualSize = bytes;
    else this.warn('header_invalid', `the virtual size is out of range: ${countOf(bytes, 'byte')}`);
    return this;
  }

  finish(): DiskFinding {
    return {
      ...plainFinding(this.#format),
      virtualSize: this.#virtualSize,
      backingFile: this.backingFile,
      dataFile: this.dataFile,
      encrypted: this.encrypted,
      snapshots: this.snapshots,
      features: this.#features,
      partitions: this.partitions,
      details: this.#details,
      hazards: this.#hazards,
    };
  }
}
