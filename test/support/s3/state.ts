// What a store holds, and how it changes: handlers read it and return changes as values, and only `applyChange` makes them.

/** Bytes in pieces; null if the double was told not to keep them. */
export type Pieces = readonly Buffer[] | null;

export interface StoredObject {
  readonly key: string;
  readonly data: Pieces;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly contentType: string | null;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** The upload that made it; null if it came in one piece. */
  readonly uploadId: string | null;
}

export interface Part {
  readonly number: number;
  readonly data: Pieces;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly contentType: string | null;
  readonly initiated: number;
  readonly parts: ReadonlyMap<number, Part>;
  readonly isCompleted: boolean;
}

export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly objects: ReadonlyMap<string, StoredObject>;
  readonly uploads: ReadonlyMap<string, Upload>;
}

export type Change =
  | { readonly type: 'putObject'; readonly bucket: string; readonly object: StoredObject }
  | { readonly type: 'deleteObject'; readonly bucket: string; readonly key: string }
  /** A new one, or one that replaces another. */
  | { readonly type: 'putUpload'; readonly bucket: string; readonly upload: Upload }
  | { readonly type: 'deleteUpload'; readonly bucket: string; readonly uploadId: string }
  | { readonly type: 'putPart'; readonly bucket: string; readonly uploadId: string; readonly part: Part }
  | { readonly type: 'deletePart'; readonly bucket: string; readonly uploadId: string; readonly number: number };

interface OwnBucket extends Bucket {
  readonly objects: Map<string, StoredObject>;
  readonly uploads: Map<string, Upload & { readonly parts: Map<number, Part> }>;
  /** The keys in order; null after one was added or removed. */
  sortedKeys: readonly string[] | null;
}

export class State {
  readonly #buckets = new Map<string, OwnBucket>();

  addBucket(name: string, region: string): void {
    this.#buckets.set(name, { name, region, objects: new Map(), uploads: new Map(), sortedKeys: null });
  }

  findBucket(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  /** The keys of a bucket, in order. */
  keysOf(name: string): readonly string[] {
    const bucket = this.#get(name);
    // By code unit, which is the order of their UTF-8 for all keys without characters beyond U+FFFF.
    bucket.sortedKeys ??= [...bucket.objects.keys()].toSorted((left, right) => (left < right ? -1 : 1));
    return bucket.sortedKeys;
  }

  apply(change: Change): void {
    const bucket = this.#get(change.bucket);
    switch (change.type) {
      case 'putObject':
        if (!bucket.objects.has(change.object.key)) bucket.sortedKeys = null;
        bucket.objects.set(change.object.key, change.object);
        return;
      case 'deleteObject':
        if (bucket.objects.delete(change.key)) bucket.sortedKeys = null;
        return;
      case 'putUpload':
        bucket.uploads.set(change.upload.id, { ...change.upload, parts: new Map(change.upload.parts) });
        return;
      case 'deleteUpload':
        bucket.uploads.delete(change.uploadId);
        return;
      case 'putPart':
        bucket.uploads.get(change.uploadId)?.parts.set(change.part.number, change.part);
        return;
      case 'deletePart':
        bucket.uploads.get(change.uploadId)?.parts.delete(change.number);
        return;
      default:
        change satisfies never;
    }
  }

  #get(name: string): OwnBucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new Error(`the double has no bucket ${name}`);
    return bucket;
  }
}
