// What an audit came to, in numbers: it may go over a hundred thousand images, of which none is kept.
import type { Report } from '../../../disk/report.ts';
import { countOf } from '../../../count.ts';

export type Verdict = 'safe' | 'unsafe' | 'unread';

/** A verdict on one image. */
export function verdictOf({ safe }: Pick<Report, 'safe'>): Verdict {
  if (safe === null) return 'unread';
  return safe ? 'safe' : 'unsafe';
}

/** From which severity on an image counts as bad. */
export type FailOn = 'unsafe' | 'warning' | 'never';

export function isBad({ safe, hazards }: Pick<Report, 'safe' | 'hazards'>, failOn: FailOn): boolean {
  if (failOn === 'never') return false;
  return safe === false || (failOn === 'warning' && hazards.length > 0);
}

/** Counts reports as they come. */
export class AuditTally {
  readonly #failOn: FailOn;
  readonly #verdicts = new Map<Verdict, number>();
  readonly #hazards = new Map<string, number>();
  readonly #formats = new Map<string, number>();
  #images = 0;
  #bad = 0;

  constructor(failOn: FailOn) {
    this.#failOn = failOn;
  }

  add(report: Report): void {
    this.#images++;
    if (isBad(report, this.#failOn)) this.#bad++;
    count(this.#verdicts, verdictOf(report));
    for (const code of new Set(report.hazards.map((each) => each.code))) count(this.#hazards, code);
    if (report.format !== null) count(this.#formats, report.format);
  }

  get images(): number {
    return this.#images;
  }

  /** Those that the run ends with 11 for. */
  get bad(): number {
    return this.#bad;
  }

  verdict(verdict: Verdict): number {
    return this.#verdicts.get(verdict) ?? 0;
  }

  /** Lines for people: verdicts, hazards, formats, the most frequent first. */
  lines(): readonly string[] {
    const [unsafe, unread, safe] = (['unsafe', 'unread', 'safe'] as const).map((verdict) => this.verdict(verdict));
    const images = countOf(this.#images, 'image');
    const lines = [`${images}: ${String(unsafe)} unsafe, ${String(unread)} unread, ${String(safe)} safe`];
    for (const [what, counts] of Object.entries({ hazards: this.#hazards, formats: this.#formats })) {
      if (counts.size > 0) lines.push(`${what}: ${inOrder(counts)}`);
    }
    return lines;
  }
}

function count<T>(counts: Map<T, number>, word: T): void {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}

function inOrder(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([left, many], [right, more]) => more - many || left.localeCompare(right))
    .map(([name, times]) => `${name} ${String(times)}`)
    .join(', ');
}
