// Runs a reading on bytes in memory, and records its requests.
import { detect } from '../../../src/disk/detect.ts';
import type { DiskFinding } from '../../../src/disk/parsing/finding.ts';

/** A verdict is reached with fewer requests than this. */
const mostRequests = 300;

export interface Driven {
  readonly finding: DiskFinding;
  /** Bytes requested in total. */
  readonly asked: number;
  readonly requests: number;
}

/** Runs the parsers on bytes. @param hasEnd whether their number is known and their end is available */
export function drive(bytes: Uint8Array, hasEnd = true): Driven {
  const reading = detect({ size: hasEnd ? bytes.length : null, looksAtEnd: true });
  let asked = 0;
  let requests = 0;
  let step = reading.next();
  while (step.done !== true) {
    const need = step.value;
    requests += 1;
    asked += need.length;
    if (requests > mostRequests) throw new Error('it asks without end');
    const isEnd = need.from === 'end';
    const start = isEnd ? Math.max(0, bytes.length - need.length) : need.offset;
    step = reading.next(isEnd && !hasEnd ? null : bytes.subarray(start, start + need.length));
  }
  return { finding: step.value, asked, requests };
}

/** Codes of the hazards, each once, in order. */
export function codesOf({ hazards }: DiskFinding): string[] {
  return [...new Set(hazards.map(({ code }) => code))].toSorted();
}
