// A directory as the comparison of a mirror with its index reads it: never through a link in it.
import { join } from 'node:path';
import { errnoOf } from '../../../local/errno.ts';
import { readInThread } from '../../../transfer/threads/read-image.ts';
import { isWorthReading } from '../../../transfer/threads/thread-pool.ts';
import { notRegular } from '../../../transfer/files/held-directories.ts';
import { InsideDirectory } from '../../../transfer/files/inside.ts';
import { toIoError, toReadError } from '../../../transfer/files/io-error.ts';
import { readSmallFile } from '../../../transfer/files/small-file.ts';
import {
  compareEntry,
  compareMirror,
  type CompareFileOptions,
  type ReadablePlace,
  type SmallText,
  type WholeReading,
} from '../compare.ts';
import { digestsName, maxDigestsBytes } from '../../digests-file.ts';
import type { MirrorEntry } from '../../entry-store.ts';
import { maxRecordBytes, type MirrorIndex, recordName } from '../../index-file.ts';
import type { UnknownFile } from '../../unknown-files.ts';
import { type Expected, type Verdict, compareFile, verifySize } from '../../verify.ts';
import type { ComparisonOptions, OneComparisonOptions } from '../place.ts';
import { findUnknown } from './unknown-files.ts';

/**
 * Compares a whole mirror with its index, and finds what does not belong there. Goes in the order of the index.
 * @throws the signal's reason; GlanceError `io.*` if the directory cannot be read
 */
export async function* compareDirectory(
  directory: string,
  index: MirrorIndex,
  options: ComparisonOptions,
): AsyncGenerator<Verdict> {
  const inside = await naming(directory, InsideDirectory.open(directory));
  try {
    // In lower case, since case does not count on some file systems.
    const names = (await naming(directory, inside.readdir(inside.root))).map((name) => name.toLowerCase());
    yield* compareMirror(new ReadableDirectory(directory, inside, new Set(names)), index, options);
  } finally {
    await inside.close();
  }
}

/** Compares one image of a mirror. @throws the signal's reason; GlanceError `io.*` if the directory cannot be read */
export async function verifyOne(
  directory: string,
  entry: MirrorEntry,
  options: OneComparisonOptions,
): Promise<Verdict> {
  const inside = await naming(directory, InsideDirectory.open(directory));
  try {
    return await compareEntry(new ReadableDirectory(directory, inside, new Set()), entry, options);
  } finally {
    await inside.close();
  }
}

async function naming<T>(directory: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toIoError(error, directory);
  }
}

class ReadableDirectory implements ReadablePlace {
  readonly #directory: string;
  readonly #inside: InsideDirectory;
  readonly #names: ReadonlySet<string>;

  constructor(directory: string, inside: InsideDirectory, names: ReadonlySet<string>) {
    this.#directory = directory;
    this.#inside = inside;
    this.#names = names;
  }

  has(id: string): boolean {
    return this.#names.has(id.toLowerCase());
  }

  hasSums(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }

  async text(path: string, maxBytes: number): Promise<SmallText> {
    try {
      return { status: 'ok', text: await readSmallFile(this.#inside, this.#at(path), maxBytes) };
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return { status: 'missing' };
      // For a link, the system reports the path through the open directory by which it was reached.
      const isLink = errnoOf(error) === 'ELOOP';
      const trouble = isLink ? notRegular(this.#at(path), 'it is a symbolic link') : toReadError(error, this.#at(path));
      return trouble.code === 'metadata.invalid' ? { status: 'forged' } : { status: 'unreadable', error: trouble };
    }
  }

  async file(path: string, expected: Expected, options: CompareFileOptions): Promise<Verdict> {
    return await compareFile(this.#at(path), path, expected, { ...options, fileSystem: this.#inside });
  }

  async readAtOnce({ id, file, size, digests }: MirrorEntry): Promise<WholeReading | null> {
    const directory = isWorthReading(size) ? this.#inside.pathOf(id) : null;
    if (directory === null) return null;
    const algorithms = digests.map(({ algorithm }) => algorithm);
    const texts = [
      { name: recordName, maxBytes: maxRecordBytes },
      { name: digestsName, maxBytes: maxDigestsBytes },
    ];
    const data = file.slice(id.length + 1);
    const read = await readInThread({ directory, texts, data, size, algorithms });
    if (read === null) return null;
    const [record = '', told = ''] = read.texts;
    return {
      record,
      digests: told,
      computed: algorithms.map((algorithm, index) => ({ algorithm, hex: read.hexes[index] ?? '' })),
    };
  }

  async look({ file, size }: MirrorEntry): Promise<Verdict> {
    return await verifySize(this.#at(file), file, size, this.#inside);
  }

  async unknown(index: MirrorIndex): Promise<readonly UnknownFile[]> {
    return await naming(this.#directory, findUnknown(this.#inside, index));
  }

  #at(path: string): string {
    return join(this.#inside.root, path);
  }
}
