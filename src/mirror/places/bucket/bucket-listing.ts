// What a bucket holds of a mirror, from one listing: compact enough for a hundred thousand images to fit into memory.
import type { ListedObject } from '../../../s3/answers.ts';
import { contentsName } from '../../contents-file.ts';
import { digestsName } from '../../digests-file.ts';
import { failureName } from '../../failure-file.ts';
import { PackedMap } from '../../../compact/packed-map.ts';
import { indexName, isDataPath, isOwnId, recordName, sumsNames } from '../../index-file.ts';

/** Data of an image: an object with the key `<id>/<id>.<format>`. */
export interface HeldData {
  /** Relative to the mirror. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Null if the store states none. */
  readonly etag: string | null;
}

/** The objects of one image. */
export interface HeldImage {
  readonly id: string;
  /** ETag of its record, empty if the store states none; null if there is no record, so that the image is incomplete. */
  readonly record: string | null;
  /** When the record was written, in Unix seconds by the store's clock; null if the store does not say. */
  readonly recordTime: number | null;
  readonly hasDigests: boolean;
  readonly hasFailure: boolean;
  /** More than one if a run was killed after storing data in a new format and before removing the old. */
  readonly data: readonly HeldData[];
}

/** The images of a bucket, by id. */
export class BucketListing {
  readonly #packed = new PackedMap();
  readonly #onStray: (path: string) => void;
  /** Images with data but no record: a run was killed, or is removing them. */
  readonly unfinished = new Set<string>();
  /** The index; null if there is none. */
  index: ListedObject | null = null;
  /** Checksum lists, by name. */
  readonly sums = new Map<string, ListedObject>();

  /**
   * @param pages objects sorted by key
   * @param prefix prefix of all keys
   * @param onStray called with each key, relative to the mirror, that does not belong to the layout
   */
  static async read(
    pages: AsyncIterable<readonly ListedObject[]>,
    prefix: string,
    onStray: (path: string) => void = () => undefined,
  ): Promise<BucketListing> {
    const listing = new BucketListing(onStray);
    let group: { id: string; objects: ListedObject[] } | null = null;
    for await (const page of pages) {
      for (const { key, ...rest } of page) {
        const name = key.slice(prefix.length);
        const slash = name.indexOf('/');
        const id = slash < 0 ? '' : name.slice(0, slash);
        if (group !== null && group.id !== id) {
          listing.#take(group.id, group.objects);
          group = null;
        }
        if (id === '') listing.#takeTop({ key: name, ...rest });
        else if (isOwnId(id)) {
          group ??= { id, objects: [] };
          // Only as many as there are possible names, so that nobody can fill our memory with more.
          if (group.objects.length < mostNames) group.objects.push({ key: name, ...rest });
        } else listing.#onStray(name);
      }
    }
    if (group !== null) listing.#take(group.id, group.objects);
    return listing;
  }

  private constructor(onStray: (path: string) => void) {
    this.#onStray = onStray;
  }

  /** Number of images with any object. */
  get size(): number {
    return this.#packed.size;
  }

  has(id: string): boolean {
    return this.#packed.has(id);
  }

  keys(): Iterable<string> {
    return this.#packed.keys();
  }

  get(id: string): HeldImage | null {
    const packed = this.#packed.get(id);
    return packed === undefined ? null : unpack(id, packed);
  }

  set(image: HeldImage): void {
    this.#packed.set(image.id, pack(image));
    if (image.record === null && image.data.length > 0) this.unfinished.add(image.id);
    else this.unfinished.delete(image.id);
  }

  delete(id: string): void {
    this.#packed.delete(id);
    this.unfinished.delete(id);
  }

  #takeTop(object: ListedObject): void {
    if (object.key === indexName) this.index = object;
    else if (sums.has(object.key)) this.sums.set(object.key, object);
    else this.#onStray(object.key);
  }

  #take(id: string, objects: readonly ListedObject[]): void {
    const named = (name: string): ListedObject | undefined => objects.find(({ key }) => key === `${id}/${name}`);
    const record = named(recordName);
    const time = record?.lastModified ?? null;
    const held: HeldImage = {
      // A copy: a slice of the listing's text would keep all of it alive.
      id: Buffer.from(id, 'latin1').toString('latin1'),
      record: record === undefined ? null : (record.etag ?? ''),
      recordTime: time === null ? null : Math.floor(time / 1000),
      hasDigests: named(digestsName) !== undefined,
      hasFailure: named(failureName) !== undefined,
      data: objects.filter(({ key }) => isDataPath(id, key)).map(({ key, size, etag }) => ({ file: key, size, etag })),
    };
    const own = new Set([recordName, digestsName, failureName, contentsName].map((name) => `${id}/${name}`));
    for (const { key } of objects) if (!own.has(key) && !isDataPath(id, key)) this.#onStray(key);
    const isAnything = held.record !== null || held.hasDigests || held.hasFailure || held.data.length > 0;
    if (isAnything) this.set(held);
  }
}

const sums: ReadonlySet<string> = new Set(Object.values(sumsNames));

/** For one image: its data in several formats, and the files beside it. */
const mostNames = 50;

/** Stands for the ETag of a record that does not exist. */
const noRecord = '/';
const md5Bytes = 16;

/** Everything as words; of the data only format, size and ETag. The bytes of the MD5s follow. */
function pack({ id, record, recordTime, hasDigests, hasFailure, data }: HeldImage): string {
  const md5s: string[] = [];
  const words = [record === null ? noRecord : packEtag(record, md5s), recordTime ?? ''];
  words.push(`${hasDigests ? 'd' : ''}${hasFailure ? 'f' : ''}`);
  for (const { file, size, etag } of data) words.push(file.slice(2 * id.length + 2), size, packEtag(etag ?? '', md5s));
  return `${words.join(' ')}\n${md5s.join('')}`;
}

/** Packs an MD5, of an object or of its parts, into half its length; any other ETag is encoded without spaces. */
function packEtag(etag: string, md5s: string[]): string {
  const [, md5, rest] = /^([\da-f]{32})(|-\d{1,5})$/.exec(etag) ?? [];
  if (md5 === undefined) return Buffer.from(etag).toString('base64url');
  md5s.push(Buffer.from(md5, 'hex').toString('latin1'));
  return `#${rest ?? ''}`;
}

function unpack(id: string, packed: string): HeldImage {
  const end = packed.indexOf('\n');
  const [record = '', recordTime = '', flags = '', ...rest] = packed.slice(0, end).split(' ');
  let md5At = end + 1;
  const unpackEtag = (word: string): string => {
    if (!word.startsWith('#')) return Buffer.from(word, 'base64url').toString();
    md5At += md5Bytes;
    return `${Buffer.from(packed.slice(md5At - md5Bytes, md5At), 'latin1').toString('hex')}${word.slice(1)}`;
  };
  const recordEtag = record === noRecord ? null : unpackEtag(record);
  const data: HeldData[] = [];
  for (let at = 0; at < rest.length; at += 3) {
    data.push({
      file: `${id}/${id}.${rest[at] ?? ''}`,
      size: Number(rest[at + 1]),
      etag: unpackEtag(rest[at + 2] ?? '') || null,
    });
  }
  return {
    id,
    record: recordEtag,
    recordTime: recordTime === '' ? null : Number(recordTime),
    hasDigests: flags.includes('d'),
    hasFailure: flags.includes('f'),
    data,
  };
}
