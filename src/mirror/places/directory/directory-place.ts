// A directory as the place of a mirror.
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../clock.ts';
import { GlanceError } from '../../../errors.ts';
import { InsideDirectory } from '../../../transfer/files/inside.ts';
import { toIoError } from '../../../transfer/files/io-error.ts';
import type { ProcessFacts } from '../../../transfer/lock/lock.ts';
import { writeReplacing } from '../../../transfer/files/replace-file.ts';
import { auditDirectory, auditPath } from '../../audit-file.ts';
import { bytesOf, EntryStore, type MirrorEntry } from '../../entry-store.ts';
import { indexName, type MirrorFailure } from '../../index-file.ts';
import type { Verdict } from '../../verify.ts';
import type { Comparison, OneComparisonOptions, OneImage, OpenPlace, Place, PlaceContents } from '../place.ts';
import { DirectoryContents } from './contents.ts';
import { MirrorDirectory } from './mirror-directory.ts';
import { MirrorFiles } from './mirror-files.ts';
import { openInside } from './open-inside.ts';
import { findIndex, readIndex } from './read-index.ts';
import { compareDirectory, verifyOne } from './verify-mirror.ts';

const fileMode = 0o644;

export class DirectoryPlace implements Place {
  /** Absolute path. */
  readonly name: string;
  readonly #facts: ProcessFacts;
  readonly #clock: Clock;

  /** @param path absolute */
  constructor(path: string, facts: ProcessFacts, clock: Clock) {
    this.name = path;
    this.#facts = facts;
    this.#clock = clock;
  }

  async look(): Promise<PlaceContents> {
    const none = { entries: new EntryStore(), failures: new Map<string, MirrorFailure>() };
    return new DirectoryContents(this.name, (await findIndex(this.name)) ?? none, (id) => this.#findFailure(id));
  }

  async open(): Promise<OpenPlace> {
    return await MirrorDirectory.open(this.name, this.#facts, this.#clock);
  }

  async openOne(): Promise<OneImage> {
    await this.#demand(indexName, 'there is no mirror');
    return await MirrorDirectory.openOne(this.name, this.#clock);
  }

  async compare(): Promise<Comparison> {
    const index = await readIndex(this.name);
    const { entries } = index;
    return {
      images: entries.size,
      bytes: bytesOf(entries),
      verdicts: (options) => compareDirectory(this.name, index, options),
    };
  }

  async compareOne(entry: MirrorEntry, options: OneComparisonOptions): Promise<Verdict> {
    await this.#demand(indexName, 'there is no mirror');
    return await verifyOne(this.name, entry, options);
  }

  async openAudits(): Promise<void> {
    const inside = await openInside(this.name);
    const path = join(inside.root, auditDirectory);
    try {
      await inside.makeDirectory(path);
    } catch (error) {
      throw toIoError(error, path);
    } finally {
      await inside.close();
    }
  }

  async keepAudit(id: string, text: string): Promise<void> {
    const path = auditPath(id);
    await this.#demand(auditDirectory, 'there is no directory for reports');
    const inside = await openInside(this.name);
    try {
      await writeReplacing(inside, join(inside.root, path), [text], fileMode);
    } finally {
      await inside.close();
    }
  }

  /** If the planner has not started anything here, something is not mounted. @throws GlanceError `io.missing` */
  async #demand(name: string, trouble: string): Promise<void> {
    if ((await lstat(join(this.name, name)).catch(() => null)) !== null) return;
    throw new GlanceError('io.missing', `${trouble} in ${this.name}`, {
      hint: 'make sure that it is mounted, and is the directory that was planned for',
    });
  }

  async #findFailure(id: string): Promise<MirrorFailure | null> {
    const inside = await InsideDirectory.open(this.name).catch(() => null);
    try {
      return inside === null ? null : await new MirrorFiles(inside).findFailure(id);
    } finally {
      await inside?.close();
    }
  }
}
