// Keeps the digests of files that have none of their own beside them, so that a file is not read again at every start.
import { join } from 'node:path';
import { isDigestHex } from '../../digests.ts';
import { GlanceError } from '../../errors.ts';
import { nodeFileSystem } from '../../transfer/files/file-system.ts';
import { writeReplacing } from '../../transfer/files/replace-file.ts';
import { type FileIdentity, lastingVersionOf } from '../answers/image-bytes.ts';
import { errnoOf } from '../../local/errno.ts';
import { toCatalogError } from './io-error.ts';
import { openServed, readTextAtMost } from './served-file.ts';

/** Name of the file, in the served directory. */
export const digestStoreName = '.glance-cli-digests.json';

const fileMode = 0o644;
const maxStoreBytes = 64 * 1024 * 1024;
const maxLineLength = 4096;

/** The computed digests of a file, in lower-case hex. */
export interface KnownDigests {
  readonly md5: string;
  readonly sha512: string;
}

/** By file name: the digests, and the key of the file that had them. */
type Kept = Map<string, { readonly key: string; readonly digests: KnownDigests }>;

/** Digests by file. The key contains size, mtime, ctime and inode, so a file that was touched is read again. */
export class DigestStore {
  readonly #path: string;
  readonly #kept: Kept;
  #isChanged = false;

  private constructor(path: string, kept: Kept) {
    this.#path = path;
    this.#kept = kept;
  }

  /** Reads what is kept in a directory; empty if it cannot be read or is not ours. */
  static async open(directory: string, warn: (message: string) => void): Promise<DigestStore> {
    const path = join(directory, digestStoreName);
    try {
      return new DigestStore(path, parseStore(await readText(path)));
    } catch (error) {
      // If the directory itself is missing, that is reported elsewhere.
      const isNone = ['ENOENT', 'ENOTDIR'].includes(errnoOf(error));
      if (!isNone) warn(`digests are computed again: ${toCatalogError(error, path).message}`);
      return new DigestStore(path, new Map());
    }
  }

  find(name: string, identity: FileIdentity): KnownDigests | undefined {
    const kept = this.#kept.get(name);
    return kept?.key === lastingVersionOf(identity) ? kept.digests : undefined;
  }

  keep(name: string, identity: FileIdentity, digests: KnownDigests): void {
    this.#kept.set(name, { key: lastingVersionOf(identity), digests });
    this.#isChanged = true;
  }

  /** Writes the digests of files that still exist, if anything has changed. @throws GlanceError `io.*` */
  async save(names: ReadonlySet<string>): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    for (const name of this.#kept.keys()) if (!names.has(name)) this.#kept.delete(name);
    const lines = [...this.#kept].map(([name, { key, digests }]) => JSON.stringify({ name, key, ...digests }));
    await writeReplacing(nodeFileSystem, this.#path, [`[\n${lines.join(',\n')}\n]\n`], fileMode);
  }
}

async function readText(path: string): Promise<string> {
  const handle = await openServed(path);
  try {
    const text = await readTextAtMost(handle, maxStoreBytes);
    if (text === null) throw new GlanceError('metadata.invalid', `${path}: too large`);
    return text;
  } finally {
    await handle.close();
  }
}

/** Parses one item per line, as written. Malformed lines are skipped. */
function parseStore(text: string): Kept {
  const kept: Kept = new Map();
  for (let start = 0; start < text.length;) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    if (end - start <= maxLineLength) keepLine(kept, text.slice(start, end));
    start = end + 1;
  }
  return kept;
}

function keepLine(kept: Kept, line: string): void {
  const { name, key, md5, sha512 } = (parseLine(line) ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || typeof key !== 'string') return;
  if (typeof md5 !== 'string' || !isDigestHex('md5', md5)) return;
  if (typeof sha512 !== 'string' || !isDigestHex('sha512', sha512)) return;
  kept.set(name, { key, digests: { md5, sha512 } });
}

/** Null for a line that is not JSON. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line) as unknown;
  } catch {
    return null;
  }
}
