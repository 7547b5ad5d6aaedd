// The files of a mirror on disk: written in one step, and never touched through a link or outside the mirror's directory.
import { join } from 'node:path';
import { parseSidecar } from '../../../image/sidecar.ts';
import { errnoOf } from '../../../local/errno.ts';
import type { InsideDirectory } from '../../../transfer/files/inside.ts';
import { toIoError } from '../../../transfer/files/io-error.ts';
import { temporaryName, writeReplacing } from '../../../transfer/files/replace-file.ts';
import { readSmallFile } from '../../../transfer/files/small-file.ts';
import { storeFiles } from '../../../transfer/files/store-files.ts';
import { contentsName } from '../../contents-file.ts';
import { type DigestsFile, digestsName, formatDigests, maxDigestsBytes, parseDigests } from '../../digests-file.ts';
import { failureName, formatFailure, maxFailureBytes, parseFailure } from '../../failure-file.ts';
import {
  dataPath,
  formatIndex,
  formatSums,
  indexName,
  listSums,
  maxRecordBytes,
  type MirrorFailure,
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

  /** The path of a file with this name. */
  path(...name: readonly string[]): string {
    return join(this.#inside.root, ...name);
  }

  /** Writes what was computed from an image's data, then its record. @throws GlanceError `io.*` */
  async writeBeside(id: string, record: string, digests: DigestsFile): Promise<void> {
    const texts = [
      [digestsName, formatDigests(digests)],
      [recordName, record],
    ] as const;
    const files = texts.map(([name, content]) => ({ name, temporary: temporaryName(name), content, mode: fileMode }));
    await storeFiles(this.#inside, this.path(id), files);
  }

  /** Writes why an image cannot be copied. @throws GlanceError `io.*` */
  async writeFailure(failure: MirrorFailure): Promise<void> {
    await this.#write(join(failure.id, failureName), [formatFailure(failure)]);
  }

  /** What was computed from an image's data; null if there is no valid file about it. */
  async findDigests(id: string): Promise<DigestsFile | null> {
    const text = await this.#read(id, digestsName, maxDigestsBytes);
    return text === null ? null : parseDigests(text);
  }

  /** Why an image cannot be copied; null if there is no valid file about it. */
  async findFailure(id: string): Promise<MirrorFailure | null> {
    const text = await this.#read(id, failureName, maxFailureBytes);
    return text === null ? null : parseFailure(text, id);
  }

  /** Writes the checksum lists, then the index. @throws GlanceError `io.*` */
  async writeIndex(index: MirrorIndex): Promise<void> {
    const sums = listSums(index);
    for (const [algorithm, name] of Object.entries(sumsNames)) {
      if (!sums.some((each) => each === algorithm)) await this.remove(name);
    }
    for (const algorithm of sums) await this.#write(sumsNames[algorithm] ?? '', formatSums(index, algorithm));
    await this.#write(indexName, formatIndex(index));
  }

  /** Removes a file if it exists. @throws GlanceError `io.*` */
  async remove(name: string): Promise<void> {
    const path = this.path(name);
    try {
      await this.#inside.unlink(path);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw toIoError(error, path);
    }
  }

  /** Removes what is said about an image's data before that is replaced. @throws GlanceError `io.*` */
  async removeClaims(id: string, file: string): Promise<void> {
    await this.remove(join(id, contentsName));
    // An image with a record counts as complete, even for readers without the index. A record about another file still
    // holds.
    if ((await this.findRecorded(id)) === file) await this.remove(join(id, recordName));
  }

  /** Removes an image's data and the files beside it, the record first. @throws GlanceError `io.*` */
  async removeImage(id: string, file: string): Promise<void> {
    const beside = [digestsName, contentsName].map((name) => join(id, name));
    for (const name of [join(id, recordName), file, ...beside]) await this.remove(name);
  }

  /** The text of an image's record; null if it cannot be read. */
  async findRecordText(id: string): Promise<string | null> {
    return await this.#read(id, recordName, maxRecordBytes);
  }

  /** The path of the data that the record describes. Null without a record, or if it belongs to another image. */
  async findRecorded(id: string): Promise<string | null> {
    const text = await this.findRecordText(id);
    try {
      const record = text === null ? {} : parseSidecar(text, recordName);
      return record.id === id ? dataPath({ id, disk_format: record.disk_format ?? null }) : null;
    } catch {
      return null;
    }
  }

  /** The path of the latest data, according to the files beside it; null if they do not say. */
  async findData(id: string): Promise<string | null> {
    const recorded = await this.findRecorded(id);
    if (recorded !== null) return recorded;
    const name = (await this.findDigests(id))?.file ?? '';
    const path = dataPath({ id, disk_format: name.slice(id.length + 1) });
    return path === `${id}/${name}` ? path : null;
  }

  /** Null if there is nothing readable. */
  async #read(id: string, name: string, maxBytes: number): Promise<string | null> {
    return await readSmallFile(this.#inside, this.path(id, name), maxBytes).catch(() => null);
  }

  async #write(name: string, text: readonly string[] | Generator<string>): Promise<void> {
    await writeReplacing(this.#inside, this.path(name), text, fileMode);
  }
}
