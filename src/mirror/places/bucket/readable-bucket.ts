// A bucket as the comparison of a mirror with its index reads it.
import { GlanceError } from '../../../errors.ts';
import type { CompareFileOptions, ReadablePlace, SmallText } from '../compare.ts';
import { digestsName } from '../../digests-file.ts';
import type { MirrorEntry } from '../../entry-store.ts';
import { failureName } from '../../failure-file.ts';
import { type MirrorIndex, recordName } from '../../index-file.ts';
import { sortUnknown, type UnknownFile, unknownOf } from '../../unknown-files.ts';
import { type Expected, judge, noVerdict, type Verdict } from '../../verify.ts';
import { type BucketFiles, digestChunks } from './bucket-files.ts';
import type { BucketListing, HeldImage } from './bucket-listing.ts';

export class ReadableBucket implements ReadablePlace {
  readonly #files: BucketFiles;
  readonly #listing: BucketListing;
  readonly #strays: readonly string[];

  /** @param strays keys, relative to the mirror, that do not belong to its layout */
  constructor(files: BucketFiles, listing: BucketListing, strays: readonly string[]) {
    this.#files = files;
    this.#listing = listing;
    this.#strays = strays;
  }

  has(id: string): boolean {
    return this.#listing.get(id) !== null;
  }

  hasSums(name: string): boolean {
    return this.#listing.sums.has(name);
  }

  async text(path: string, maxBytes: number, signal: AbortSignal): Promise<SmallText> {
    try {
      const text = await this.#files.client.getText(this.#files.key(path), maxBytes, signal);
      return text === null ? { status: 'missing' } : { status: 'ok', text };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GlanceError)) throw error;
      return error.code === 'place.unsupported' ? { status: 'forged' } : { status: 'unreadable', error };
    }
  }

  async file(path: string, expected: Expected, { signal, onBytes }: CompareFileOptions): Promise<Verdict> {
    const verdict = { ...noVerdict, path, expected_size: expected.size };
    const found = await this.#files.client.getWhole(this.#files.key(path), signal);
    if (found === null) return { ...verdict, status: 'missing' };
    try {
      const { size } = found;
      if (expected.size !== null && size !== null && size !== expected.size)
        return { ...verdict, size, status: 'size' };
      const [strongest] = expected.digests;
      if (strongest === undefined) return { ...verdict, size, status: 'unproven' };
      const algorithms = expected.digests.map(({ algorithm }) => algorithm);
      const { bytes, digests } = await digestChunks(found, algorithms, (chunk) => {
        onBytes(chunk.length);
      });
      return judge({ ...verdict, size: bytes, status: 'ok' }, expected.digests, strongest, digests);
    } finally {
      found.close();
    }
  }

  async look({ id, file, size, digests }: MirrorEntry, signal: AbortSignal): Promise<Verdict> {
    const verdict = { ...noVerdict, path: file, expected_size: size };
    const held = this.#listing.get(id)?.data.find((data) => data.file === file);
    if (held === undefined) return { ...verdict, status: 'missing' };
    if (held.size !== size) return { ...verdict, size: held.size, status: 'size' };
    const kept = await this.#files.readDigests(id, signal);
    // The ETag of an object sent in one piece is its MD5. If another tool sent it in parts, nobody recorded its ETag.
    const md5 = digests.find(({ algorithm }) => algorithm === 'md5')?.hex ?? null;
    const isWhole = held.etag !== null && /^[0-9a-f]{32}$/.test(held.etag);
    const expected = kept?.etag ?? (isWhole ? md5 : null);
    const compared = { size, algorithm: expected === null ? null : 'etag', expected, actual: held.etag };
    const isOther = expected !== null && held.etag !== null && held.etag !== expected;
    return { ...verdict, ...compared, status: isOther ? 'altered' : 'ok' };
  }

  async unknown({ entries }: MirrorIndex): Promise<readonly UnknownFile[]> {
    const found: UnknownFile[] = this.#strays
      .filter((path) => !path.split('/').some((name) => name.startsWith('.')))
      .map((path) => ({ path, status: 'stray' }));
    for (const id of this.#listing.keys()) {
      const held = this.#listing.get(id);
      if (held === null) continue;
      const data = held.data.map(({ file }) => file);
      found.push(...unknownOf(id, pathsOf(held), data, entries.get(id)));
    }
    return sortUnknown(found);
  }
}

function pathsOf({ id, record, hasDigests, hasFailure, data }: HeldImage): readonly string[] {
  const beside = [
    ...(record === null ? [] : [recordName]),
    ...(hasDigests ? [digestsName] : []),
    ...(hasFailure ? [failureName] : []),
  ];
  return [...data.map(({ file }) => file), ...beside.map((name) => `${id}/${name}`)];
}
