// Keeps the reports on the images of a directory beside them, so that an image is not inspected again at every start.
import { join } from 'node:path';
import { readSmallFile } from '../../transfer/files/small-file.ts';
import { nodeFileSystem } from '../../transfer/files/file-system.ts';
import { writeReplacing } from '../../transfer/files/replace-file.ts';

/** Name of the file, in the served directory. */
export const reportStoreName = '.glance-cli-reports.txt';

const fileMode = 0o644;
const maxStoreBytes = 64 * 1024 * 1024;
const keyLength = 64;
const keyPattern = /^[0-9a-f]{64} /;

/** Reports as texts by key. One line each: the key, a space, the report. */
export class ReportStore {
  readonly #path: string;
  readonly #warn: (message: string) => void;
  /** Reports of an earlier run; each moves to the others when it is kept again. */
  readonly #old: Map<string, string>;
  readonly #kept = new Map<string, string>();
  #isChanged = false;
  #isWarned = false;

  private constructor(path: string, warn: (message: string) => void, old: Map<string, string>) {
    this.#path = path;
    this.#warn = warn;
    this.#old = old;
  }

  /** Reads what is kept in a directory; empty if it cannot be read. */
  static async open(directory: string, warn: (message: string) => void): Promise<ReportStore> {
    const path = join(directory, reportStoreName);
    const text = await readSmallFile(nodeFileSystem, path, maxStoreBytes).catch(() => null);
    return new ReportStore(path, warn, parseStore(text ?? ''));
  }

  find(key: string): string | undefined {
    return this.#kept.get(key) ?? this.#old.get(key);
  }

  keep(key: string, text: string): void {
    if (this.#old.get(key) !== text) this.#isChanged = true;
    this.#old.delete(key);
    this.#kept.set(key, text);
  }

  /** Forgets all other reports. */
  keepOnly(keys: ReadonlySet<string>): void {
    if (this.#old.size > 0) this.#isChanged = true;
    this.#old.clear();
    for (const key of this.#kept.keys()) {
      if (keys.has(key)) continue;
      this.#kept.delete(key);
      this.#isChanged = true;
    }
  }

  /** Writes the reports, if they differ from those in the file. Warns once if that fails. */
  async save(): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    try {
      await writeReplacing(nodeFileSystem, this.#path, this.#lines(), fileMode);
    } catch (error) {
      if (this.#isWarned) return;
      this.#isWarned = true;
      this.#warn(
        `the results of inspecting images are not kept: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** Stops at the size that can be read again: a larger file would be ignored entirely. */
  *#lines(): Generator<string> {
    let roomBytes = maxStoreBytes;
    for (const [key, text] of [...this.#kept, ...this.#old]) {
      const line = `${key} ${text}\n`;
      roomBytes -= Buffer.byteLength(line);
      if (roomBytes < 0) return;
      yield line;
    }
  }
}

/** Malformed lines are skipped. */
function parseStore(text: string): Map<string, string> {
  const kept = new Map<string, string>();
  for (let start = 0; start < text.length;) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    if (keyPattern.test(text.slice(start, start + keyLength + 1)))
      kept.set(text.slice(start, start + keyLength), text.slice(start + keyLength + 1, end));
    start = end + 1;
  }
  return kept;
}
