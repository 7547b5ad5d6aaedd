// What a mirror did, or would do, as values. The names are those of the JSON output.
import { countOf } from '../../text/count.ts';
import { type ErrorCode, GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { dataPath } from '../../mirror/index-file.ts';
import type { ProgressEvent, Timed } from '../download/progress-event.ts';

/** The keys of a row in the order in which they are printed. Public interface. */
export const mirrorRowKeys = ['action', 'image', 'name', 'path', 'bytes', 'reason'] as const;

/** What was done, or has to be done, about one image. Images that stay as they are have no row. Unset is null. */
export interface MirrorRow {
  /**
   * `new`: its data was not there; `data`: its data changed; `record`: only its metadata is written; `remove`: it is no
   * longer listed and is removed; `failed`: it cannot be fetched.
   */
  readonly action: 'new' | 'data' | 'record' | 'remove' | 'failed';
  /** Id of the image. */
  readonly image: string;
  readonly name: string | null;
  /** Relative to the mirror; null if the image failed or is removed. */
  readonly path: string | null;
  /** Bytes of image data. */
  readonly bytes: number | null;
  /** Why it failed. */
  readonly reason: string | null;
}

/** How many images there are of each kind. */
export interface MirrorCounts {
  /** Images that are listed. */
  readonly images: number;
  /** Images whose data is fetched. */
  readonly fetched: number;
  /** Images whose data was already there, left behind by a killed run, and was only compared. 0 in a plan. */
  readonly found: number;
  /** Images for which only the record is written. */
  readonly renewed: number;
  /** Images that stay as they are. */
  readonly same: number;
  /** Images that are no longer listed: removed with `prune`, otherwise left alone. */
  readonly gone: number;
  readonly failed: number;
}

export interface MirrorReport {
  /** In the order of the list; removals come last. */
  readonly rows: readonly MirrorRow[];
  readonly counts: MirrorCounts;
}

/** What `watch` finds between rounds. */
export type WatchNews =
  /** A round failed, for another reason than the one before. */
  | { readonly event: 'trouble'; readonly code: ErrorCode; readonly message: string }
  /** A round succeeded after one that failed. */
  | { readonly event: 'recovered' };

/** What a plan finds. `image` is an id. */
export type PlanNews =
  /** The record of an image cannot be read, so the image counts as failed. Its id is empty if that cannot be read either. */
  | { readonly event: 'unread'; readonly image: string; readonly message: string }
  /** With `prune`: it is no longer listed, and is removed once the others are there. */
  | { readonly event: 'remove'; readonly image: string }
  /** Its data will be fetched. Without a queue, all of these come before the first `start`. */
  | ({ readonly event: 'plan' } & Pick<MirrorRow, 'image' | 'name' | 'bytes'>);

/** What happens in a mirror, in order. `image` is an id. */
export type MirrorEvent =
  | (Timed & (PlanNews | WatchNews))
  /** The progress of an image. */
  | (ProgressEvent & { readonly image: string });

/** A row about an image that was fetched. */
export function toRow(action: 'new' | 'data' | 'record', image: Image): MirrorRow {
  const { id, name, size } = image;
  return { action, image: id, name, path: dataPath(image), bytes: size, reason: null };
}

/** A row about an image that failed. */
export function toFailure({ id, name, size }: Image, code: string, message: string): MirrorRow {
  return { action: 'failed', image: id, name, path: null, bytes: size, reason: `${message} [${code}]` };
}

/** A row about an image that is no longer listed. */
export function toRemoval(id: string): MirrorRow {
  return { action: 'remove', image: id, name: null, path: null, bytes: null, reason: null };
}

/** How many rows there are of each kind. */
export function countRows(rows: Iterable<MirrorRow>): Pick<MirrorCounts, 'fetched' | 'renewed' | 'failed'> {
  const counts: Record<MirrorRow['action'], number> = { new: 0, data: 0, record: 0, remove: 0, failed: 0 };
  for (const { action } of rows) counts[action]++;
  return { fetched: counts.new + counts.data, renewed: counts.record, failed: counts.failed };
}

/** The error of a run with these counts: `partial`, or null if no image failed. */
export function runFailure({ failed, images }: MirrorCounts): GlanceError | null {
  if (failed === 0) return null;
  return new GlanceError('partial', `${String(failed)} of ${countOf(images, 'image')} failed`, {
    hint: 'run the same command again: what is already there is not fetched again; what failed for good also needs `retryFailed`',
  });
}
