// A Glance v2 with one image and one fault. Every request is noted with its headers.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { listen } from '../listen.mjs';

export const imageId = '11111111-2222-4333-8444-555555555555';
export const size = 8 * 1024 * 1024;
/** The image, the one before it under the same id, and the token that must not leak. */
export const data = randomBytes(size);
export const otherData = randomBytes(size);
export const token = 'secret-token-of-the-scoreboard';

/**
 * @typedef {object} Behaviour
 * @property {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, count: number) => boolean} [file]
 * answers a request for data; false leaves it to the ordinary answer
 * @property {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => boolean} [list]
 * @property {() => object} [record] the image's record
 * @property {string} [name] of the image
 * @property {boolean} [ranges] whether the store has ranges; the default
 */

/** Starts one. @param {Behaviour} behaviour */
export async function startServer(behaviour) {
  const requests = [];
  let fileRequests = 0;
  const server = createServer((request, response) => {
    requests.push({ method: request.method, url: request.url, headers: request.headers });
    response.on('error', () => undefined);
    const path = new URL(request.url ?? '', 'http://x').pathname;
    if (path === `/v2/images/${imageId}/file`) {
      fileRequests += 1;
      if (behaviour.file?.(request, response, fileRequests) !== true)
        sendData(request, response, behaviour.ranges ?? true);
    } else if (path === `/v2/images/${imageId}`) sendJson(response, behaviour.record?.() ?? record(behaviour.name));
    else if (path === '/v2/images') {
      if (behaviour.list?.(request, response) !== true) sendJson(response, { images: [record(behaviour.name)] });
    } else if (path.startsWith('/v2/schemas/')) sendJson(response, schema);
    else if (path === '/' || path === '/versions') sendJson(response, versions(port), 300);
    else response.writeHead(404).end();
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The data as a store that works sends it. */
export function sendData(request, response, ranges = true) {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (range === null || !ranges) {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size }).end(data);
    return;
  }
  const start = Number(range[1]);
  const end = range[2] === '' ? size : Math.min(size, Number(range[2]) + 1);
  if (start >= size) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  response.writeHead(206, {
    'content-type': 'application/octet-stream',
    'content-length': end - start,
    'content-range': `bytes ${start}-${end - 1}/${size}`,
  });
  response.end(data.subarray(start, end));
}

export function sendJson(response, value, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export function record(name = 'image') {
  const hash = (algorithm) => createHash(algorithm).update(data).digest('hex');
  return {
    id: imageId,
    name,
    status: 'active',
    visibility: 'public',
    disk_format: 'qcow2',
    container_format: 'bare',
    size,
    virtual_size: null,
    checksum: hash('md5'),
    os_hash_algo: 'sha512',
    os_hash_value: hash('sha512'),
    min_disk: 0,
    min_ram: 0,
    owner: 'p',
    protected: false,
    os_hidden: false,
    tags: [],
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    self: `/v2/images/${imageId}`,
    file: `/v2/images/${imageId}/file`,
    schema: '/v2/schemas/image',
  };
}

const schema = { name: 'image', properties: {}, additionalProperties: { type: 'string' }, links: [] };

function versions(port) {
  const links = [{ rel: 'self', href: `http://127.0.0.1:${port}/v2/` }];
  return { versions: [{ id: 'v2.9', status: 'CURRENT', links }] };
}
