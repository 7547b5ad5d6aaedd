// What the calls of a GlanceClient share: the signal, where images are, and how failures are explained.
import { listenForAbort } from '../clock.ts';
import type { Image } from '../image/image.ts';
import type { Pin } from '../image/pin.ts';
import type { ImageService } from '../image/service.ts';
import type { Connection } from './connection.ts';
import { explaining } from './explaining.ts';

/** An image that was found, and the Glance it is in. */
export interface Found {
  readonly image: Image;
  readonly service: ImageService;
  /** The digests pinned in the names under which it was requested. */
  readonly pins: readonly Pin[];
}

/** What can end a call. */
interface Ending {
  readonly signal?: AbortSignal;
}

export class Calls {
  readonly connection: Connection;
  /** Where images were found, for those that are pinned or may be in another Glance than the configured one. */
  readonly #found = new WeakMap<Image, Found>();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** @throws what the work throws, explained */
  async explaining<T>(work: () => Promise<T>): Promise<T> {
    return await explaining(this.connection, work);
  }

  /** The configured Glance. @throws what connecting fails with; the signal's reason */
  async service(options: Ending): Promise<ImageService> {
    return await serviceFor(this.connection, this.signalOf(options));
  }

  /** The Glance that an image is in: the one where it was found, or else the configured one. @throws as {@link service} */
  async foundOf(image: Image, options: Ending): Promise<Found> {
    return this.#found.get(image) ?? { image, service: await this.service(options), pins: [] };
  }

  /** Remembers where the image was found. */
  remember(found: Found): Image {
    this.#found.set(found.image, found);
    return found.image;
  }

  /** What ends a call: its own signal, or the one that ends all calls. */
  signalOf({ signal }: Ending): AbortSignal {
    const { interruption } = this.connection;
    return signal === undefined ? interruption : AbortSignal.any([interruption, signal]);
  }
}

/**
 * The configured Glance. All calls share the connecting, so it continues if this call ends.
 * @throws GlanceError what connecting fails with; the signal's reason
 */
export async function serviceFor(connection: Connection, signal: AbortSignal): Promise<ImageService> {
  signal.throwIfAborted();
  let unlisten = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    unlisten = listenForAbort(signal, () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([connection.service(), aborted]);
  } finally {
    unlisten();
  }
}
