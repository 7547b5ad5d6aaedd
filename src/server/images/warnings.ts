// Warnings about what stays as it is while it is looked at again and again: each is given once.

/** What was warned about. */
export class Warnings {
  readonly #warn: (message: string) => void;
  /** By subject, what was said of it last. */
  readonly #said = new Map<string, string>();

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** Warns, unless the same was said of this subject last; other numbers in it, as of a file that grows, are the same. */
  say(subject: string, message: string): void {
    const words = message.replace(/[0-9]/g, '');
    if (this.#said.get(subject) === words) return;
    this.#said.set(subject, words);
    this.#warn(message);
  }

  /** Forgets what was said of anything else: it may come again. */
  keepOnly(subjects: ReadonlySet<string>): void {
    for (const subject of this.#said.keys()) if (!subjects.has(subject)) this.#said.delete(subject);
  }
}
