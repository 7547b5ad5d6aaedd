// What each key of an image means, for help and man pages. The JSON Schema says the same, as a test checks.
import type { Image } from '../image/image.ts';

/** Every key of the image model, in the order in which they are printed. The texts have no capital and no full stop. */
export const imageKeyTexts: Readonly<Record<keyof Image, string>> = {
  id: 'a UUID, or any text on API v1',
  name: 'not unique; null if it has none',
  status:
    'queued, saving, active, killed, deleted, uploading, importing, pending_delete or deactivated; other values are possible',
  visibility: 'public, private, shared or community; API v1 knows public and private only',
  disk_format:
    'qcow2, raw, vmdk, vhd, vhdx, vdi, iso, ploop, ami, ari, aki; other values are possible; null if it is not set',
  container_format:
    'bare, ovf, ova, ami, ari, aki, docker, compressed; other values are possible; null if it is not set',
  size: 'bytes of image data; null until the data is there',
  virtual_size: 'bytes of the disk once expanded; null if the server does not know',
  checksum: 'MD5 of the image data, 32 lower-case hex digits; null if the server has none',
  os_hash_algo: 'algorithm of the multihash, such as sha512; null on API v1',
  os_hash_value: 'the multihash, lower-case hex; null on API v1',
  os_hidden: 'whether lists leave it out unless asked; null on API v1',
  min_disk: 'GB of disk that the image needs',
  min_ram: 'MB of memory that the image needs',
  owner: 'id of the project that owns it; null if it has no owner',
  protected: 'whether it is protected from deletion',
  tags: "its tags, in the server's order; empty on API v1",
  created_at: 'ISO 8601, UTC',
  updated_at: 'ISO 8601, UTC: when the metadata last changed; image data never changes',
  deleted_at: 'ISO 8601, UTC; null unless it is deleted',
  direct_url:
    'where the data is; credentials are masked unless --show-secrets is given; null if the server does not say',
  locations: 'every place where the data is; null if the server does not say',
  stores: 'stores that hold the data; null if the server does not say',
  properties: 'custom properties, text by name; null if a property is set to nothing',
};
