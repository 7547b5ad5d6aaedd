// The only model of an image, for v1 and v2 and for every command. Its keys are those of Images API v2, and public:
// `show -f json` prints exactly this object. Past the parsers in this folder, nothing else describes an image.

/**
 * What Glance knows about an image. Unset is null, never absent.
 * @see https://docs.openstack.org/api-ref/image/v2/ for the meaning of each key
 */
export interface Image {
  /** A UUID, or on an API v1 server any text. Compared byte for byte. */
  readonly id: string;
  /** Not unique. */
  readonly name: string | null;
  /** `queued saving active killed deleted uploading importing pending_delete deactivated`; an open set. */
  readonly status: string | null;
  /**
   * `public private shared community`. API v1 only distinguishes public images from the rest, which are `private` here.
   */
  readonly visibility: string | null;
  /** `qcow2 raw vmdk vhd vhdx vdi iso ploop ami ari aki`; an open set. */
  readonly disk_format: string | null;
  /** `bare ovf ova ami ari aki docker compressed`; an open set. */
  readonly container_format: string | null;
  /** Bytes of image data. Null before there is any. */
  readonly size: number | null;
  /** Bytes of the expanded disk. Null if the server does not know. */
  readonly virtual_size: number | null;
  /** MD5 of the image data, 32 lower-case hex digits. */
  readonly checksum: string | null;
  /** Algorithm of the multihash, as the server names it. Always null on API v1. */
  readonly os_hash_algo: string | null;
  /** The multihash, lower-case hex. Always null on API v1. */
  readonly os_hash_value: string | null;
  /** Hidden images are left out of lists unless requested. Null on API v1, which does not know the field. */
  readonly os_hidden: boolean | null;
  /** GB. */
  readonly min_disk: number | null;
  /** MB. */
  readonly min_ram: number | null;
  /** Id of the owning project. */
  readonly owner: string | null;
  readonly protected: boolean | null;
  /** In the server's order. Always empty on API v1, which has no tags. */
  readonly tags: readonly string[];
  /** ISO 8601, UTC, with a `Z`. */
  readonly created_at: string | null;
  /** ISO 8601, UTC. When the metadata last changed; image data never does. */
  readonly updated_at: string | null;
  /** ISO 8601, UTC. Null unless the image is deleted. */
  readonly deleted_at: string | null;
  /** Where the data is, from API v1's `location` or v2's `direct_url`. May contain credentials: see `maskImage`. */
  readonly direct_url: string | null;
  /** All places where the data is. Null if the server does not say. May contain credentials. */
  readonly locations: readonly ImageLocation[] | null;
  /** Stores that hold the data. Null if the server does not say. */
  readonly stores: readonly string[] | null;
  /**
   * Custom properties, always strings; null is a property set to nothing. The object has no prototype, since a property
   * may be named `__proto__`. API v1 sends lower-case keys in headers, and the original ones in lists.
   */
  readonly properties: Readonly<Record<string, string | null>>;
}

/** What a record says about the data of its image, and which image that is. */
export type DataRecord = Pick<
  Image,
  | 'id'
  | 'name'
  | 'size'
  | 'disk_format'
  | 'container_format'
  | 'virtual_size'
  | 'min_disk'
  | 'properties'
  | 'checksum'
  | 'os_hash_algo'
  | 'os_hash_value'
>;

/** One place of an image's data. */
export interface ImageLocation {
  readonly url: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The keys of {@link Image} in the order in which they are printed. */
export const imageKeys = [
  'id',
  'name',
  'status',
  'visibility',
  'disk_format',
  'container_format',
  'size',
  'virtual_size',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'os_hidden',
  'min_disk',
  'min_ram',
  'owner',
  'protected',
  'tags',
  'created_at',
  'updated_at',
  'deleted_at',
  'direct_url',
  'locations',
  'stores',
  'properties',
] as const satisfies readonly (keyof Image)[];

/** A project with which an image is shared. */
export interface Member {
  readonly image_id: string;
  /** Id of the project. */
  readonly member_id: string;
  /** `pending accepted rejected`. Null on API v1, which does not know the field. */
  readonly status: string | null;
  /** API v1: whether the project may share the image further. Null on API v2, which does not know the field. */
  readonly can_share: boolean | null;
  /** ISO 8601, UTC. Null on API v1. */
  readonly created_at: string | null;
  /** ISO 8601, UTC. Null on API v1. */
  readonly updated_at: string | null;
}

/** The keys of {@link Member} in the order in which they are printed. */
export const memberKeys = [
  'image_id',
  'member_id',
  'status',
  'can_share',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof Member)[];

/** A store in which a Glance keeps image data. */
export interface Store {
  readonly id: string;
  readonly description: string | null;
  /** Whether new images go there by default. */
  readonly default: boolean;
}

/** The keys of {@link Store} in the order in which they are printed. */
export const storeKeys = ['id', 'description', 'default'] as const satisfies readonly (keyof Store)[];

const statusesWithoutData: ReadonlySet<string> = new Set([
  'queued',
  'saving',
  'uploading',
  'importing',
  'killed',
  'deleted',
  'pending_delete',
]);

/** Whether an image with this status has data. Unknown statuses get the benefit of the doubt. */
export function mayHaveData(status: string | null): boolean {
  return status === null || !statusesWithoutData.has(status);
}
