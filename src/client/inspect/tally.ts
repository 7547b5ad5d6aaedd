// Counts what reports say: an audit may cover a hundred thousand images, and keeps none of them.
import type { Report } from '../../disk/report.ts';

/** `unread`: the image could not be read, so nothing is known about it. */
export type Verdict = 'safe' | 'unsafe' | 'unread';

/** The verdict on one image. */
export function verdictOf({ safe }: Pick<Report, 'safe'>): Verdict {
  if (safe === null) return 'unread';
  return safe ? 'safe' : 'unsafe';
}

/** The severity from which an image counts as bad; `target`: also if the Glance in question would refuse it. */
export type FailOn = 'unsafe' | 'warning' | 'target' | 'never';

/** Whether an image is bad. One that could not be read is not: nothing is known of it. */
export function isBad({ safe, hazards, target }: Pick<Report, 'safe' | 'hazards' | 'target'>, failOn: FailOn): boolean {
  if (failOn === 'never') return false;
  if (failOn === 'target' && target?.accepted === false) return true;
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

  constructor(failOn: FailOn = 'unsafe') {
    this.#failOn = failOn;
  }

  add(report: Report): void {
    this.#images++;
    if (isBad(report, this.#failOn)) this.#bad++;
    count(this.#verdicts, verdictOf(report));
    for (const code of new Set(report.hazards.map((each) => each.code))) count(this.#hazards, code);
    if (report.format !== null) count(this.#formats, report.format);
  }

  /** Reports in all. */
  get images(): number {
    return this.#images;
  }

  /** Images that are {@link isBad}. */
  get bad(): number {
    return this.#bad;
  }

  /** Number of images with this verdict. */
  verdict(verdict: Verdict): number {
    return this.#verdicts.get(verdict) ?? 0;
  }

  /** Number of images with each hazard, by its code. */
  get hazards(): ReadonlyMap<string, number> {
    return this.#hazards;
  }

  /** Number of images of each format, by its name. */
  get formats(): ReadonlyMap<string, number> {
    return this.#formats;
  }
}

function count<T>(counts: Map<T, number>, word: T): void {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}
