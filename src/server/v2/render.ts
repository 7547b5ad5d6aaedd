// Renders one image for API v2.
import type { Image } from '../../image/image.ts';
import { maskImage } from '../../image/mask.ts';
import type { CatalogImage, CatalogMember } from '../images/catalog.ts';
import type { Json, JsonRecord } from '../answers/python-json.ts';

/**
 * An image's record: custom properties first, then the fields in a real server's order. Required fields have a value
 * even if the image model has none. Credentials in locations are masked, since they were meant for another Glance.
 * @see recorded exchanges `show-*`
 */
export function renderV2Image({ image }: CatalogImage): JsonRecord {
  const path = pathOf(image);
  const { direct_url, locations } = maskImage(image);
  return {
    ...image.properties,
    ...describe(image),
    ...(locations !== null && { locations: locations.map(({ url }) => ({ url, metadata: {} })) }),
    ...(direct_url !== null && { direct_url }),
    id: image.id,
    created_at: toV2Time(image.created_at),
    updated_at: toV2Time(image.updated_at),
    tags: image.tags,
    self: path,
    file: `${path}/file`,
    schema: '/v2/schemas/image',
    ...(image.stores !== null && { stores: image.stores.join(',') }),
  };
}

function describe(image: Image): { readonly [key: string]: Json } {
  return {
    name: image.name,
    disk_format: image.disk_format,
    container_format: image.container_format,
    visibility: image.visibility ?? 'private',
    size: image.size,
    virtual_size: image.virtual_size,
    status: image.status ?? 'active',
    checksum: image.checksum,
    protected: image.protected ?? false,
    min_ram: image.min_ram ?? 0,
    min_disk: image.min_disk ?? 0,
    owner: image.owner,
    os_hidden: image.os_hidden ?? false,
    os_hash_algo: image.os_hash_algo,
    os_hash_value: image.os_hash_value,
  };
}

/** One member of an image. @see recorded exchange `member-show` */
export function renderMember({ image }: CatalogImage, member: CatalogMember): JsonRecord {
  return {
    member_id: member.member_id,
    image_id: image.id,
    status: member.status ?? 'accepted',
    created_at: toV2Time(member.created_at ?? image.created_at),
    updated_at: toV2Time(member.updated_at ?? image.updated_at),
    schema: '/v2/schemas/member',
  };
}

function pathOf({ id }: Image): string {
  return `/v2/images/${encodeURIComponent(id)}`;
}

/** A real server has only whole seconds. A non-zero fraction is kept, so that a mirror of a mirror is identical. */
function toV2Time(time: string | null): string | null {
  return time?.replace(/\.0+Z$/, 'Z') ?? null;
}
