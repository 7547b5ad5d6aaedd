// The images of the fleet, and the Glance that has them.
import { createCipheriv, createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** @typedef {{ id: string, bytes: Buffer, sha512: string }} Image */

/** Bytes of each image. */
export const size = 20 * 1024 * 1024 + 4321;
/** The rate at which the Glance sends an image, so that it takes a few seconds and kills hit it. */
const bytesASecond = 10_000_000;

/** @param {number} count @param {number} seed @returns {Image[]} */
export function makeImages(count, seed) {
  return Array.from({ length: count }, (_, index) => {
    const data = createCipheriv('aes-128-ctr', Buffer.alloc(16, (seed + index) % 251), Buffer.alloc(16, index));
    const bytes = data.update(Buffer.alloc(size));
    const id = `11111111-2222-4333-8444-${String(index).padStart(12, '0')}`;
    return { id, bytes, sha512: createHash('sha512').update(bytes).digest('hex') };
  });
}

/** @param {Image} image */
const recordOf = ({ id, sha512 }) => ({
  id,
  name: `image ${id.slice(-2)}`,
  status: 'active',
  visibility: 'public',
  disk_format: 'raw',
  container_format: 'bare',
  size,
  checksum: null,
  os_hash_algo: 'sha512',
  os_hash_value: sha512,
  tags: [],
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
});

/** @param {Buffer} bytes */
async function* slowly(bytes) {
  const piece = bytesASecond / 20;
  for (let at = 0; at < bytes.length; at += piece) {
    yield bytes.subarray(at, at + piece);
    await wait(50);
  }
}

/**
 * A Glance of these images, which sends their data slowly.
 * @param {readonly Image[]} images @param {() => void} onData called for each request for data
 */
export const createGlance = (images, onData) =>
  createServer((request, response) => {
    response.on('error', () => undefined);
    const { pathname } = new URL(request.url ?? '/', 'http://glance');
    const image = images.find(({ id }) => pathname.includes(id));
    if (pathname.endsWith('/file') && image !== undefined) {
      const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (start > 0) response.setHeader('content-range', `bytes ${start}-${size - 1}/${size}`);
      const headers = { 'content-type': 'application/octet-stream', 'content-length': size - start };
      response.writeHead(start > 0 ? 206 : 200, headers);
      onData();
      pipeline(slowly(image.bytes.subarray(start)), response).catch(() => undefined);
      return;
    }
    const body = image === undefined ? { images: images.map(recordOf) } : recordOf(image);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
