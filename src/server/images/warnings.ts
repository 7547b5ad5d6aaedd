// Gives each warning once, although the same problem is found again and again.

/** Remembers the last warning about each subject. */
export class Warnings {
  readonly #warn: (message: string) => void;
  /** The last warning by subject. */
  readonly #said = new Map<string, string>();

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /**
   * Warns, unless the last warning about this subject was the same. Digits are ignored, since a file may be growing.
   */
  say(subject: string, message: string): void {
    const words = message.replace(/[0-9]/g, '');
    if (this.#said.get(subject) === words) return;
    this.#said.set(subject, words);
    this.#warn(message);
  }

  /** Forgets the warnings about all other subjects, so that they can be given again. */
  keepOnly(subjects: ReadonlySet<string>): void {
    for (const subject of this.#said.keys()) if (!subjects.has(subject)) this.#said.delete(subject);
  }
}
