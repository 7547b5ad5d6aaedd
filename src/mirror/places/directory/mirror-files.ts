// The files of a mirror on disk: written in one step, taken away, and never through a link or outside of its directory.
import { join } from 'node:path';
import { parseSidecar } from '../../../image/sidecar.ts';
import { errnoOf } from '../../../local/errno.ts';
import type { InsideDirectory } from '../../../transfer/files/inside.ts';
import { toIoError } from '../../../transfer/files/io-error.ts';
import { writeReplacing } from '../../../transfer/files/replace-file.ts';
import { readSmallFile } from '../../../transfer/files/small-file.ts';
import {
  dataPath,
  formatIndex,
  formatSums,
  indexName,
  listSums,
  maxRecordBytes,
  type MirrorIndex,
  recordName,
  sumsNames,
} from '../../index-file.ts';

const fileMode = 0o644;

/** Names are relative to the mirror's directory. */
export class MirrorFiles {
  readonly #inside: InsideDirectory;

  constructor(inside: InsideDirectory) {
    this.#inside = inside;
  }

  /** Where a file of this name is. */
  path(...name: readonly string[]): string {
    return join(this.#inside.root, ...name);
  }

  /** Writes the record of an image. @throws GlanceError `io.*` */
  async writeRecord(id: string, text: string): Promise<void> {
    await this.#write(join(id, recordName), [text]);
  }

  /** Writes the lists of checksums, and then the index. @throws GlanceError `io.*` */
  async writeIndex(index: MirrorIndex): Promise<void> {
    const sums = listSums(index);
    for (const [algorithm, name] of Object.entries(sumsNames)) {
      if (!sums.some((each) => each === algorithm)) await this.remove(name);
    }
    for (const algorithm of sums) await this.#write(sumsNames[algorithm] ?? '', formatSums(index, algorithm));
    await this.#write(indexName, formatIndex(index));
  }

  /** Takes a file away, if it is there. @throws GlanceError `io.*` */
  async remove(name: string): Promise<void> {
    const path = this.path(name);
    try {
      await this.#inside.unlink(path);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw toIoError(error, path);
    }
  }

  /** What the record that is there calls its data. Null without one, or for one that is not of this image. */
  async findData(id: string): Promise<string | null> {
    const path = this.path(id, recordName);
    try {
      const record = parseSidecar(await readSmallFile(this.#inside, path, maxRecordBytes), path);
      return record.id === id ? dataPath({ id, disk_format: record.disk_format ?? null }) : null;
    } catch {
      return null;
    }
  }

  async #write(name: string, text: readonly string[] | Generator<string>): Promise<void> {
    await writeReplacing(this.#inside, this.path(name), text, fileMode);
  }
}
