// Invented images for tests.
import { createHash } from 'node:crypto';
import type { Image } from '../../src/image/image.ts';
import type { Answer } from '../../src/server/answers/answer.ts';
import type { CatalogImage, CatalogMember } from '../../src/server/images/catalog.ts';
import { type ImageBytes, memoryBytes } from '../../src/server/answers/image-bytes.ts';

/** A public, active raw image without data; everything can be overridden. */
export function makeImage(overrides: Partial<Image> = {}): Image {
  return {
    id: '11111111-2222-4333-8444-555555555555',
    name: 'cirros',
    status: 'active',
    visibility: 'public',
    disk_format: 'raw',
    container_format: 'bare',
    size: 0,
    virtual_size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    os_hidden: null,
    min_disk: 0,
    min_ram: 0,
    owner: null,
    protected: false,
    tags: [],
    created_at: '2026-01-02T03:04:05.678901Z',
    updated_at: '2026-01-02T03:04:06Z',
    deleted_at: null,
    direct_url: null,
    locations: null,
    stores: null,
    properties: {},
    ...overrides,
  };
}

/** An image with this data, and the size and MD5 that go with it. Text is taken as UTF-8. */
export function makeEntry(
  data: Uint8Array | string,
  overrides: Partial<Image> = {},
  members: readonly CatalogMember[] = [],
): CatalogImage {
  const bytes = Buffer.from(data);
  const checksum = createHash('md5').update(bytes).digest('hex');
  return { image: makeImage({ size: bytes.length, checksum, ...overrides }), data: memoryBytes(bytes), members };
}

/** Image data from `start` to `end`, copied, since a server reuses its buffers. */
export async function readData(data: ImageBytes, start = 0, end = data.size): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of data.open(start, end)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The bytes of an answer's body. */
export async function readBody(body: Answer['body']): Promise<Buffer> {
  if (body === null || typeof body === 'string') return Buffer.from(body ?? '');
  return 'pieces' in body ? Buffer.from([...body.pieces].join('')) : await readData(body.data, body.start, body.end);
}

/** Bytes that differ from place to place, the same on each call. */
export function makeBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++) bytes[index] = index * 7 + Math.floor(index / 251);
  return bytes;
}
