// The digests of files that nobody vouches for, kept beside them: a file is read once, not at every start.
import { join } from 'node:path';
import { isDigestHex } from '../digests.ts';
import { nodeFileSystem } from '../transfer/file-system.ts';
import { writeReplacing } from '../transfer/publish.ts';
import { type FileIdentity, openRegular } from './image-bytes.ts';
import { errnoOf, toCatalogError } from './io-error.ts';

/** Name of the file, in the directory that is served. */
export const digestStoreName = '.glance-cli-digests.json';

const fileMode = 0o644;
const maxStoreBytes = 256 * 1024 * 1024;

/** What a file was found to have, in lower-case hex. */
export interface KnownDigests {
  readonly md5: string;
  readonly sha512: string;
}

/** By name of the file, those of the file that had this key. */
type Kept = Map<string, { readonly key: string; readonly digests: KnownDigests }>;

/** Digests by file: of size, time of change and inode; a file that was touched is read again. */
export class DigestStore {
  readonly #path: string;
  readonly #kept: Kept;
  #isChanged = false;

  private constructor(path: string, kept: Kept) {
    this.#path = path;
    this.#kept = kept;
  }

  /** What is kept in a directory; nothing if it cannot be read, or is none of ours. */
  static async open(directory: string, warn: (message: string) => void): Promise<DigestStore> {
    const path = join(directory, digestStoreName);
    try {
      return new DigestStore(path, parseStore(await readText(path)));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') warn(`digests are computed anew: ${toCatalogError(error, path).message}`);
      return new DigestStore(path, new Map());
    }
  }

  find(name: string, identity: FileIdentity): KnownDigests | undefined {
    const kept = this.#kept.get(name);
    return kept?.key === keyOf(identity) ? kept.digests : undefined;
  }

  keep(name: string, identity: FileIdentity, digests: KnownDigests): void {
    this.#kept.set(name, { key: keyOf(identity), digests });
    this.#isChanged = true;
  }

  /** Writes what is kept of the files that are still there, if something has changed. @throws GlanceError `io.*` */
  async save(names: ReadonlySet<string>): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    for (const name of this.#kept.keys()) if (!names.has(name)) this.#kept.delete(name);
    const lines = [...this.#kept].map(([name, { key, digests }]) => JSON.stringify({ name, key, ...digests }));
    await writeReplacing(nodeFileSystem, this.#path, [`[\n${lines.join(',\n')}\n]\n`], fileMode);
  }
}

/** Not the device: its number is another after a restart, on some file systems. */
function keyOf({ ino, size, mtimeNs }: FileIdentity): string {
  return [ino, size, mtimeNs].join(' ');
}

async function readText(path: string): Promise<string> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    if (size > maxStoreBytes) throw new RangeError('too large');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** What makes no sense is left out. */
function parseStore(text: string): Kept {
  const kept: Kept = new Map();
  const list = JSON.parse(text) as unknown;
  for (const item of Array.isArray(list) ? (list as unknown[]) : []) {
    const { name, key, md5, sha512 } = (item ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof name !== 'string' || typeof key !== 'string') continue;
    if (typeof md5 !== 'string' || !isDigestHex('md5', md5)) continue;
    if (typeof sha512 !== 'string' || !isDigestHex('sha512', sha512)) continue;
    kept.set(name, { key, digests: { md5, sha512 } });
  }
  return kept;
}
