// The files within an image, for library callers: listed, read as a stream, saved. Each call opens the image anew and
// closes it.
import type { Readable } from 'node:stream';
import { absoluteFilePath } from '../../local/places.ts';
import type { Connection } from '../connection.ts';
import { explaining, explainingEach } from '../explaining.ts';
import type { Found } from '../find.ts';
import { findNamed, type Named } from '../inspect/find-named.ts';
import { sentStream } from '../download/sent-stream.ts';
import type { GuestFile } from './guest-file.ts';
import { listFiles } from './list-files.ts';
import { type GuestOptions, openGuest, withGuest } from './open-guest.ts';
import { findWithin } from './read-file.ts';
import { findTarget, saveFile, sendFile } from './save-file.ts';

/** The image to look into, and how. */
interface LookedInto {
  readonly connection: Connection;
  readonly find: (signal: AbortSignal) => Promise<Named>;
  readonly options: GuestOptions;
  readonly signal: AbortSignal;
}

/**
 * The files within the disk of an image. Paths begin at the root of its system, with or without a leading `/`; links are
 * followed only within the disk. Every method fails with GlanceError `contents.not_found`, `contents.unreadable`,
 * `contents.limit`, `data.empty`, `io.*`, `place.*`; what finding the image, requests and, with `spool`, a download fail
 * with; the signal's reason.
 */
export class ImageFiles {
  readonly #image: LookedInto;

  constructor(image: LookedInto) {
    this.#image = image;
  }

  /**
   * The files in a directory, sorted by name, in batches if there are more than 50,000; or the single file at that path.
   * If something about a file cannot be read, it fails after the last one.
   */
  list(path = '/'): AsyncGenerator<GuestFile, void, undefined> {
    return explainingEach(this.#image.connection, this.#list(path));
  }

  /** The bytes of a file, as a stream to be consumed or destroyed. */
  open(path: string): Readable {
    const { connection, find, options, signal: interruption } = this.#image;
    return sentStream(interruption, async (stream, signal) => {
      const send = async (): Promise<void> =>
        await withGuest(connection, await find(signal), options, signal, async (guest) => {
          await sendFile(await findWithin(guest, path), stream, 'the stream', signal);
        });
      await explaining(connection, send);
    });
  }

  /**
   * Saves a file to this machine, where it gets its name once it is complete and on disk; holes take no room.
   * @param target absolute, or relative to the working directory
   * @param options.force whether to replace an existing file. Absent: false
   */
  async save(path: string, target: string, { force = false }: { readonly force?: boolean } = {}): Promise<void> {
    const { connection, find, options, signal } = this.#image;
    await explaining(connection, async () => {
      const place = await findTarget(absoluteFilePath(connection.system.cwd, target), force);
      await withGuest(connection, await find(signal), options, signal, async (guest) => {
        await saveFile(connection, await findWithin(guest, path), place, { force, listen: () => undefined, signal });
      });
    });
  }

  async *#list(path: string): AsyncGenerator<GuestFile, void, undefined> {
    const { connection, find, options, signal } = this.#image;
    const guest = await openGuest(connection, await find(signal), options, signal);
    try {
      for await (const page of listFiles(guest, path)) yield* page;
    } finally {
      await guest.close();
    }
  }
}

/** How to find an image and look into it. */
export interface FindWithinOptions extends GuestOptions {
  /** Whether to take the newest of several images with that name. Absent: false. */
  readonly latest?: boolean;
  /** For a bucket: address of its store's S3 API. Absent: where AWS's own tools look for it. */
  readonly s3Endpoint?: string;
}

/** @param image as for {@link findNamed}, or a function that finds it */
export function filesOf(
  connection: Connection,
  image: string | (() => Promise<Found>),
  { latest = false, s3Endpoint, ...options }: FindWithinOptions,
  interruption: AbortSignal,
): ImageFiles {
  const find = async (signal: AbortSignal): Promise<Named> =>
    typeof image === 'string'
      ? await findNamed(connection, image, { latest, s3Endpoint, signal })
      : { kind: 'image', found: await image() };
  return new ImageFiles({ connection, find, options, signal: interruption });
}
