// A directory as the place of a mirror.
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../clock.ts';
import { GlanceError } from '../../../errors.ts';
import { InsideDirectory } from '../../../transfer/files/inside.ts';
import type { ProcessFacts } from '../../../transfer/lock/lock.ts';
import { bytesOf, EntryStore } from '../../entry-store.ts';
import { indexName, type MirrorFailure } from '../../index-file.ts';
import type { Comparison, OneImage, OpenPlace, Place, PlaceContents } from '../place.ts';
import { DirectoryContents } from './contents.ts';
import { MirrorDirectory } from './mirror-directory.ts';
import { MirrorFiles } from './mirror-files.ts';
import { findIndex, readIndex } from './read-index.ts';
import { verifyMirror } from './verify-mirror.ts';

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
    // Where nobody has begun a mirror, something is not mounted.
    if ((await lstat(join(this.name, indexName)).catch(() => null)) === null) {
      throw new GlanceError('io.missing', `there is no mirror in ${this.name}`, {
        hint: 'make sure that it is mounted, and the one that the mirror was planned for',
      });
    }
    return await MirrorDirectory.openOne(this.name, this.#clock);
  }

  async compare(): Promise<Comparison> {
    const index = await readIndex(this.name);
    const { entries } = index;
    return {
      images: entries.size,
      bytes: bytesOf(entries),
      verdicts: (options) => verifyMirror(this.name, index, options),
    };
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
