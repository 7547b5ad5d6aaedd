// Decides what a mirror has to do about each image. Pure: the same index and record give the same answer.
import { GlanceError } from '../errors.ts';
import { digestsOf } from '../image/data-answer.ts';
import { IdSet } from '../compact/id-set.ts';
import type { Image } from '../image/image.ts';
import type { MirrorEntry } from './entry-store.ts';
import {
  dataPath,
  isReservedId,
  isSafeId,
  maxRecordBytes,
  type MirrorFailure,
  recordHash,
  recordText,
} from './index-file.ts';

/**
 * What to do about one image:
 * `new` fetch its data, which is not there; `data` fetch it again, since it has changed; `record` write only its
 * metadata; `same` nothing; `failed` nothing, since it cannot be copied.
 */
export type MirrorTask =
  | { readonly action: 'new' | 'data' | 'record'; readonly image: Image }
  | { readonly action: 'same'; readonly id: string }
  | { readonly action: 'failed'; readonly image: Image; readonly code: string; readonly message: string };

/** What a place knows about an image. */
interface KnownImage {
  /** Null if the image is missing or incomplete. */
  readonly entry: MirrorEntry | null;
  /** Null if no failure is on record. */
  readonly failure: MirrorFailure | null;
}

/** Whether to retry an image that failed for good with this code, although its record is unchanged. */
export type RetryChoice = (code: string) => boolean;

/**
 * Decides what to do.
 * @param record the image's record as it is printed and stored: without secrets
 */
export function planImage({ entry, failure }: KnownImage, record: RecordFile, retries: RetryChoice): MirrorTask {
  const { image } = record;
  const trouble = findTrouble(image);
  if (trouble !== null) return { action: 'failed', image, ...trouble };
  if (Buffer.byteLength(record.text) > maxRecordBytes) {
    return { action: 'failed', image, code: 'metadata.invalid', message: 'its record is too large to be kept' };
  }
  if (failure !== null && failure.record === record.hash && !retries(failure.code)) {
    return { action: 'failed', image, code: failure.code, message: `as before: ${failure.message}` };
  }
  if (entry === null) return { action: 'new', image };
  const isSameData =
    entry.file === dataPath(image) &&
    (image.size === null || image.size === entry.size) &&
    digestsOf(image).every(({ algorithm, hex }) => {
      const ours = entry.digests.find((digest) => digest.algorithm === algorithm);
      return ours === undefined || ours.hex === hex;
    });
  if (!isSameData) return { action: 'data', image };
  return entry.record === record.hash ? { action: 'same', id: image.id } : { action: 'record', image };
}

function findTrouble(image: Image): { readonly code: string; readonly message: string } | null {
  if (!isSafeId(image.id)) return { code: 'io.name', message: 'its id is not a safe name for a directory' };
  if (isReservedId(image.id)) return { code: 'io.name', message: 'its id is a name that the mirror itself uses' };
  if (image.status === 'deactivated') return { code: 'image.deactivated', message: 'the image is deactivated' };
  if (image.status !== null && image.status !== 'active') {
    return { code: 'image.no_data', message: `the image has no data: its status is ${image.status}` };
  }
  return findBadDigest(image);
}

/** An impossible digest affects only the image that has it. */
function findBadDigest(image: Image): { readonly code: string; readonly message: string } | null {
  try {
    digestsOf(image);
    return null;
  } catch (error) {
    if (!(error instanceof GlanceError)) throw error;
    return { code: error.code, message: error.message };
  }
}

/**
 * Whether removing this many images needs a second confirmation: it does for more than half of what is there.
 * @param gone number of images to remove
 * @param all number of images in the index
 */
export function isLargePrune(gone: number, all: number): boolean {
  return gone * 2 > all;
}

/** A view of very many ids, which does not copy them: later changes are visible through it. */
export interface HeldIds {
  readonly size: number;
  has(id: string): boolean;
  keys(): Iterable<string>;
}

/** Assigns directories: of ids that differ only by case, one gets it, since many file systems treat them as the same. */
export class Places {
  /** Ids in use from the start. */
  readonly #held: HeldIds;
  /** Other holders, whose ids have no capitals, like those of Glance itself. */
  readonly #plain = new IdSet();
  /** The others, by their id in lower case. */
  readonly #holders = new Map<string, string>();

  /** @param held ids already in use; of several that differ only by case, the first one with capitals holds the place */
  constructor(held: HeldIds) {
    this.#held = held;
    for (const id of held.keys()) {
      const lower = id.toLowerCase();
      if (id !== lower && !this.#holders.has(lower)) this.#holders.set(lower, id);
    }
  }

  /** Claims the place of a safe id, unless it is taken. @returns the id that now has it */
  claim(id: string): string {
    const lower = id.toLowerCase();
    const holder = this.#holders.get(lower);
    if (holder !== undefined) return holder;
    if (this.#held.has(lower) || this.#plain.has(lower)) return lower;
    if (id === lower) this.#plain.add(id);
    else this.#holders.set(lower, id);
    return id;
  }
}

/** `image.json` of an image as it would be written, and its hash: each computed once, when first needed. */
export class RecordFile {
  readonly image: Image;
  #text: string | null = null;
  #hash: string | null = null;

  constructor(image: Image) {
    this.image = image;
  }

  get text(): string {
    this.#text ??= recordText(this.image);
    return this.#text;
  }

  /** SHA-256 in hex. */
  get hash(): string {
    this.#hash ??= recordHash(this.text);
    return this.#hash;
  }
}
