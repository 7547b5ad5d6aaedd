// Opens the files within the disk of an image, without downloading it.
import { UnreadableError, type Reads } from '../../disk/blocks/reading.ts';
import type { GuestTree } from '../../disk/contents/guest-tree.ts';
import { doubtOf, findDiskVolumes, type OpenedVolume, openVolumes } from '../../disk/contents/open-volumes.ts';
import { GlanceError } from '../../errors.ts';
import { countOf } from '../../text/count.ts';
import type { Connection } from '../connection.ts';
import { BlockReader, EarlyEnd } from '../contents/block-reader.ts';
import { type ReadLimits, readLimits } from '../contents/read-limits.ts';
import type { Named } from '../inspect/find-named.ts';
import { chooseRoot } from './choose-root.ts';
import { type ImageBytes, openBytes, openSpooledBytes } from './image-bytes.ts';

/** How to look into an image. */
export interface GuestOptions {
  /** Maximum number of bytes to read of it, ≥ 1. Absent: 16 MiB; requests in proportion, at least 400. */
  readonly contentsLimit?: number | undefined;
  /**
   * The only partition to look at, or `GROUP/NAME` of a logical volume. Absent: the files as the image's own system sees
   * them.
   */
  readonly partition?: string | undefined;
  /** Whether to download an image to a temporary file if its store does not support ranges. Absent: false. */
  readonly spool?: boolean | undefined;
  /** Called with what could not be read on the disk, in words for people; may quote the image, and is not escaped. */
  readonly onTrouble?: ((message: string) => void) | undefined;
}

/** A disk whose files can be read, one call at a time. Must be closed. */
export class Guest {
  readonly #bytes: ImageBytes;
  readonly #reader: BlockReader;
  readonly #limits: ReadLimits;
  readonly tree: GuestTree;

  constructor(bytes: ImageBytes, reader: BlockReader, limits: ReadLimits, tree: GuestTree) {
    this.#bytes = bytes;
    this.#reader = reader;
    this.#limits = limits;
    this.tree = tree;
  }

  /** The image's name, for people. Not escaped. */
  get name(): string {
    return this.#bytes.name;
  }

  /** Bytes of the image read so far, and in how many reads. */
  get cost(): { readonly bytes: number; readonly requests: number } {
    return { bytes: this.#reader.bytesRead, requests: this.#reader.requests };
  }

  /**
   * Supplies a reader with the bytes that it asks for.
   * @param what the thing being read, for messages
   * @param enough a limit in bytes that would suffice; null if unknown
   * @throws GlanceError `contents.unreadable`, `contents.limit`; a request's failure; the signal's reason
   */
  async read<T>(what: string, reads: Reads<T>, enough: number | null = null): Promise<T> {
    try {
      return await this.#reader.drive(reads);
    } catch (error) {
      throw explainReading(error, what, this.#limits, enough);
    }
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }
}

/**
 * Opens the disk.
 * @throws GlanceError `contents.*`, `data.empty`, `io.*`; what requests, and with `spool` a download, fail with; the signal's
 * reason
 */
export async function openGuest(
  connection: Connection,
  named: Named,
  options: GuestOptions,
  signal: AbortSignal,
): Promise<Guest> {
  const bytes = await openBytes(connection, named, signal);
  try {
    return await openWithin(bytes, options, signal);
  } catch (error) {
    await bytes.close();
    const isSpooled = named.kind === 'image' && options.spool === true && isWithoutRanges(error);
    if (!isSpooled) throw explainReading(error, bytes.name, readLimits(options.contentsLimit), null);
  }
  const spooled = await openSpooledBytes(connection, named.found, signal);
  try {
    return await openWithin(spooled, options, signal);
  } catch (error) {
    await spooled.close();
    throw explainReading(error, spooled.name, readLimits(options.contentsLimit), null);
  }
}

/** Opens the disk, works on it, and closes it. @throws what {@link openGuest} and the work throw */
export async function withGuest<T>(
  connection: Connection,
  named: Named,
  options: GuestOptions,
  signal: AbortSignal,
  work: (guest: Guest) => Promise<T>,
): Promise<T> {
  const guest = await openGuest(connection, named, options, signal);
  try {
    return await work(guest);
  } finally {
    await guest.close();
  }
}

async function openWithin(bytes: ImageBytes, options: GuestOptions, signal: AbortSignal): Promise<Guest> {
  const { format, source, name } = bytes;
  if (source === null) throw new EarlyEnd('no_ranges');
  const limits = readLimits(options.contentsLimit);
  const reader = new BlockReader(source, limits, signal);
  const opened = await reader.drive(openDisk(format, source.size));
  for (const volume of opened) {
    const doubt = doubtOf(volume);
    if (volume.trouble !== null) options.onTrouble?.(`${volume.title}: ${volume.trouble.message}`);
    if (doubt !== null) options.onTrouble?.(doubt);
  }
  try {
    return new Guest(bytes, reader, limits, await reader.drive(chooseRoot(opened, options.partition ?? null)));
  } catch (error) {
    if (!(error instanceof GlanceError) || !error.code.startsWith('contents.')) throw error;
    throw new GlanceError(error.code, `${name}: ${error.message}`, error.facts);
  }
}

function* openDisk(...image: Parameters<typeof findDiskVolumes>): Reads<readonly OpenedVolume[]> {
  return yield* openVolumes(yield* findDiskVolumes(...image));
}

function isWithoutRanges(error: unknown): boolean {
  return error instanceof EarlyEnd && error.why === 'no_ranges';
}

const mebibyte = 1024 * 1024;

/** Explains a failure to read a disk to the caller; other errors are returned as they are. */
function explainReading(error: unknown, what: string, limits: ReadLimits, enough: number | null): unknown {
  if (error instanceof UnreadableError)
    return new GlanceError('contents.unreadable', `${what}: ${error.message}`, { cause: error });
  if (!(error instanceof EarlyEnd)) return error;
  if (error.why === 'no_ranges') {
    return new GlanceError('contents.unreadable', `${what}: its store does not support ranges`, {
      hint: '`spool` fetches the whole image to a temporary file first',
      cause: error,
    });
  }
  const size =
    limits.bytes < mebibyte
      ? countOf(limits.bytes, 'byte')
      : `${String(Number((limits.bytes / mebibyte).toFixed(1)))} MiB`;
  const most = `${size} in ${countOf(limits.requests, 'read')}`;
  const advice = enough === null ? '' : `: ${String(Math.ceil(enough / mebibyte))}M would be enough`;
  return new GlanceError('contents.limit', `${what}: reading it takes more of the image than ${most}`, {
    hint: `\`contentsLimit\` allows more${advice}`,
    cause: error,
  });
}
