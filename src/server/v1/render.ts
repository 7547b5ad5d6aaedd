// Renders one image for API v1: headers and JSON.
import type { HeaderPair } from '../answers/answer.ts';
import type { CatalogImage } from '../images/catalog.ts';
import type { Json } from '../answers/python-json.ts';
import { isHeaderName, toHeaderValue } from '../answers/text-encoding.ts';
import { toV1Time } from '../images/time.ts';
import { isDeleted } from '../images/visibility.ts';

type Text = string | number | boolean | null;

/**
 * An image's metadata as headers, the ETag last. Null fields are left out, and so are those that cannot be headers.
 * @param size bytes; of the store if data is sent, otherwise of the image
 * @see recorded exchanges `head-*`; Glance 16, glance/common/utils.py image_meta_to_http_headers
 */
export function renderHeaders(entry: CatalogImage, size: number | null): readonly HeaderPair[] {
  const { image } = entry;
  const headers = new Map<string, string>();
  const add = (name: string, value: Text): void => {
    const text = value === null ? null : toHeaderValue(toPythonText(value));
    const wireName = capitalize(name);
    if (text !== null && isHeaderName(wireName)) headers.set(wireName, text);
  };
  for (const [key, value] of Object.entries(image.properties)) add(`x-image-meta-property-${key}`, value);
  for (const [field, value] of Object.entries({ ...describe(entry), size })) add(`x-image-meta-${field}`, value);
  add('etag', image.checksum);
  return [...headers];
}

/** Booleans become `True` and `False`, as in Python. */
function toPythonText(value: string | number | boolean): string {
  if (typeof value !== 'boolean') return String(value);
  return value ? 'True' : 'False';
}

/** Writes header names as Glance's web server does: a capital at the start of each word between dashes. */
function capitalize(name: string): string {
  return name
    .toLowerCase()
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('-');
}

/** An image in `/images`: a few fields, in a real server's order. */
export function renderSummary({ image }: CatalogImage): Json {
  const { name, container_format, disk_format, checksum, id, size } = image;
  return { name, container_format, disk_format, checksum, id, size };
}

/** An image in `/images/detail`: all fields in a real server's order, null for unset ones. */
export function renderDetail(entry: CatalogImage): Json {
  const { size, ...fields } = describe(entry);
  // Catalogs may be made by hand: a property called `__proto__` must stay one.
  const properties = Object.assign(Object.create(null) as Record<string, string | null>, entry.image.properties);
  return { ...fields, properties, size };
}

/** The fields of API v1 except properties, in the order of a detailed list. */
function describe(entry: CatalogImage): Record<'size', number | null> & Record<string, Text> {
  const { image } = entry;
  return {
    status: image.status,
    deleted_at: toTime(image.deleted_at),
    name: image.name,
    deleted: isDeleted(entry),
    container_format: image.container_format,
    created_at: toTime(image.created_at),
    disk_format: image.disk_format,
    updated_at: toTime(image.updated_at),
    min_disk: image.min_disk ?? 0,
    protected: image.protected ?? false,
    id: image.id,
    min_ram: image.min_ram ?? 0,
    checksum: image.checksum,
    owner: image.owner,
    is_public: image.visibility === 'public',
    virtual_size: image.virtual_size,
    size: image.size,
  };
}

function toTime(time: string | null): string | null {
  return time === null ? null : toV1Time(time);
}
