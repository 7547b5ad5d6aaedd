// The metadata of an image of which nothing is known but its file.
import { createHash } from 'node:crypto';
import type { Image } from '../image/image.ts';

/** What a file tells of the image in it. */
export interface ImageFile {
  /** Name of the file, without directory. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970 UTC. */
  readonly mtimeMs: number;
}

const diskFormats: Readonly<Record<string, string>> = {
  img: 'raw',
  raw: 'raw',
  qcow2: 'qcow2',
  vmdk: 'vmdk',
  vhd: 'vhd',
  vhdx: 'vhdx',
  vdi: 'vdi',
  iso: 'iso',
  ploop: 'ploop',
  ami: 'ami',
  ari: 'ari',
  aki: 'aki',
};

/** The image that a file without sidecar is. Pure: the same file name gives the same id, everywhere. */
export function deriveImage(file: ImageFile): Image {
  const extension = /\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase() ?? '';
  const format = Object.hasOwn(diskFormats, extension) ? diskFormats[extension] : undefined;
  // Whole seconds: API v2 has no others.
  const modified = new Date(Math.floor(file.mtimeMs / 1000) * 1000).toISOString();
  return {
    id: deriveId(file.name),
    // What follows the last dot of `ubuntu-24.04` is part of the name.
    name: format === undefined ? file.name : file.name.slice(0, -extension.length - 1),
    status: 'active',
    visibility: 'public',
    disk_format: format ?? 'raw',
    container_format: 'bare',
    size: file.size,
    virtual_size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    os_hidden: false,
    min_disk: 0,
    min_ram: 0,
    owner: null,
    protected: false,
    tags: [],
    created_at: modified,
    updated_at: modified,
    deleted_at: null,
    direct_url: null,
    locations: null,
    stores: null,
    properties: Object.create(null) as Record<string, string | null>,
  };
}

/** A UUID made from a name, marked as such: version 8. @see RFC 9562, 5.8 */
function deriveId(name: string): string {
  const hex = createHash('sha256').update(`glance-cli image file\n${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
