// A separate process that lists a given number of images as Images API v2 does, and prints its URL. No image has data.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { listen } from './listen.mjs';

const count = Number(process.argv[2]);

const idOf = (/** @type {number} */ index) => `b01c0000-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** @param {number} index from 1 */
function makeImage(index) {
  const id = idOf(index);
  return {
    id,
    name: `image-${String(index).padStart(9, '0')}`,
    status: 'active',
    visibility: 'private',
    disk_format: 'qcow2',
    container_format: 'bare',
    size: 1000 + index,
    virtual_size: 1024 ** 3,
    checksum: createHash('md5').update(id).digest('hex'),
    os_hash_algo: 'sha512',
    os_hash_value: createHash('sha512').update(id).digest('hex'),
    os_hidden: false,
    min_disk: 1,
    min_ram: 512,
    owner: 'de000000000000000000000000000002',
    protected: false,
    tags: ['bulk', 'bench'],
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    os_distro: 'ubuntu',
    hw_disk_bus: 'virtio',
    file: `/v2/images/${id}/file`,
    schema: '/v2/schemas/image',
    self: `/v2/images/${id}`,
  };
}

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://bench');
  const limit = Number(searchParams.get('limit') ?? 25);
  const marker = searchParams.get('marker');
  const start = marker === null ? 1 : Number(marker.slice(-12)) + 1;
  const end = Math.min(count + 1, start + limit);
  const images = Array.from({ length: end - start }, (_, offset) => makeImage(start + offset));
  const next = end <= count ? { next: `/v2/images?marker=${idOf(end - 1)}` } : {};
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ images, first: '/v2/images', schema: '/v2/schemas/images', ...next }));
});
process.stdout.write(`http://127.0.0.1:${String(await listen(server))}/v2\n`);
process.stdin.on('end', () => process.exit(0)).resume();
