// nginx as a Glance: the fastest server for a file, so that the client is what is measured. It has its own configuration,
// port and directory, and is ended by its pid.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { listen } from './listen.mjs';

/** Whether nginx is installed. */
export const hasNginx = spawnSync('nginx', ['-v']).status === 0;

const id = '1d8b8d4f-0000-4000-8000-000000000001';
const chunkBytes = 8 * 1024 * 1024;

/** @typedef {{ md5: string, sha512: string }} Digests */

/**
 * @typedef {object} NginxGlance
 * @property {string} v1 base of Images API v1; it ignores ranges, as the real one does
 * @property {string} v2 base of Images API v2; it answers ranges, as a store in a file system does
 * @property {string} v1Data URL of the data
 * @property {string} v2Data
 * @property {string} id of the image of v2; that of v1 is `1`
 * @property {string} md5
 * @property {string} sha512
 * @property {string} image path of the data
 * @property {() => Promise<void>} stop
 */

/**
 * Serves one image of data that does not compress.
 * @param {{ size: number, directory: string, zeroShare?: number, bytesPerSecond?: number, connections?: number }} options
 *   `zeroShare`: the share of blocks that are zeros, in steps of a tenth; `bytesPerSecond` limits each connection;
 *   `connections` at once
 * @returns {Promise<NginxGlance>}
 */
export async function startNginx({ size, directory, zeroShare = 0, bytesPerSecond = 0, connections = 64 }) {
  const root = mkdtempSync(join(directory, 'nginx-'));
  const image = join(root, 'image');
  const digests = writeImage(image, size, zeroShare);
  const { md5 } = digests;
  const port = await freePort();
  writeFileSync(join(root, 'v2.json'), JSON.stringify(recordOf(id, size, digests)));
  writeFileSync(
    join(root, 'nginx.conf'),
    configuration({ root, port, bytesPerSecond, connections, locations: locationsOfOne({ root, image, size, md5 }) }),
  );
  const base = `http://127.0.0.1:${String(port)}`;
  const stop = await runNginx(root, `${base}/v2/images/${id}`);
  return {
    v1: `${base}/v1`,
    v2: `${base}/v2`,
    v1Data: `${base}/v1/images/1`,
    v2Data: `${base}/v2/images/${id}/file`,
    id,
    ...digests,
    image,
    stop,
  };
}

/**
 * @typedef {object} NginxImages
 * @property {string} v2 base of Images API v2
 * @property {readonly { id: string, sha512: string, url: string }[]} images `url` is that of the data
 * @property {() => Promise<void>} stop
 */

/**
 * Serves many small images with different data, listed on one page.
 * @param {{ count: number, size: number, directory: string }} options `size` bytes each
 * @returns {Promise<NginxImages>}
 */
export async function startNginxOfMany({ count, size, directory }) {
  const root = join(directory, 'nginx-many');
  mkdirSync(join(root, 'data'), { recursive: true });
  const records = Array.from({ length: count }, (_, index) => {
    const each = `1d8b8d4f-0000-4000-8000-${String(index).padStart(12, '0')}`;
    return recordOf(each, size, writeImage(join(root, 'data', each), size, 0));
  });
  writeFileSync(join(root, 'v2.json'), JSON.stringify({ images: records, first: '/v2/images' }));
  const port = await freePort();
  const locations = `
    location = /v2/images { alias ${root}/v2.json; default_type application/json; }
    location ~ ^/v2/images/([0-9a-f-]+)/file$ { alias ${root}/data/$1; }`;
  writeFileSync(join(root, 'nginx.conf'), configuration({ root, port, connections: 64, bytesPerSecond: 0, locations }));
  const v2 = `http://127.0.0.1:${String(port)}/v2`;
  const stop = await runNginx(root, `${v2}/images`);
  const images = records.map((record) => ({
    id: record.id,
    sha512: record.os_hash_value,
    url: `${v2}/images/${record.id}/file`,
  }));
  return { v2, images, stop };
}

/**
 * @param {string} root holds `nginx.conf`
 * @param {string} url that answers once it is up
 * @returns {Promise<() => Promise<void>>} ends it
 */
async function runNginx(root, url) {
  const child = spawn('nginx', ['-p', root, '-c', join(root, 'nginx.conf'), '-e', join(root, 'error.log')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    await untilItAnswers(url);
  } catch (error) {
    child.kill('SIGQUIT');
    throw error;
  }
  return async () => {
    child.kill('SIGQUIT');
    await once(child, 'exit');
  };
}

/**
 * @param {string} path
 * @param {number} size bytes
 * @param {number} zeroShare
 * @returns {Digests}
 */
function writeImage(path, size, zeroShare) {
  const block = randomBytes(chunkBytes);
  const zeros = Buffer.alloc(chunkBytes);
  const [md5, sha512] = [createHash('md5'), createHash('sha512')];
  const file = openSync(path, 'w');
  for (let position = 0; position < size; position += chunkBytes) {
    const isZero = (position / chunkBytes) % 10 < zeroShare * 10;
    const bytes = (isZero ? zeros : block).subarray(0, Math.min(chunkBytes, size - position));
    // The same block at another offset must differ.
    if (!isZero) block.writeDoubleLE(position);
    for (const hash of [md5, sha512]) hash.update(bytes);
    writeSync(file, bytes);
  }
  closeSync(file);
  return { md5: md5.digest('hex'), sha512: sha512.digest('hex') };
}

/**
 * @param {string} imageId
 * @param {number} size bytes
 * @param {Digests} digests
 */
function recordOf(imageId, size, { md5, sha512 }) {
  const time = '2026-01-31T00:00:00Z';
  return {
    id: imageId,
    name: 'bench',
    status: 'active',
    visibility: 'public',
    disk_format: 'raw',
    container_format: 'bare',
    size,
    virtual_size: size,
    checksum: md5,
    os_hash_algo: 'sha512',
    os_hash_value: sha512,
    min_disk: 0,
    min_ram: 0,
    owner: null,
    protected: false,
    os_hidden: false,
    tags: [],
    created_at: time,
    updated_at: time,
    self: `/v2/images/${imageId}`,
    file: `/v2/images/${imageId}/file`,
    schema: '/v2/schemas/image',
  };
}

/** One image, by both APIs. @param {{ root: string, image: string, size: number, md5: string }} options */
function locationsOfOne({ root, image, size, md5 }) {
  const v1Headers = {
    Id: '1',
    Name: 'bench',
    Status: 'active',
    Is_public: 'True',
    Deleted: 'False',
    Protected: 'False',
    Disk_format: 'raw',
    Container_format: 'bare',
    Size: size,
    Checksum: md5,
    Min_disk: '0',
    Min_ram: '0',
    Created_at: '2026-01-31T00:00:00.000000',
    Updated_at: '2026-01-31T00:00:00.000000',
  };
  const headers = Object.entries(v1Headers).map(([name, value]) => `add_header X-Image-Meta-${name} "${value}";`);
  return `
    location = /v1/images/1 { alias ${image}; max_ranges 0; ${headers.join(' ')} add_header ETag "${md5}"; }
    location = /v2/images/${id} { alias ${root}/v2.json; default_type application/json; }
    location = /v2/images/${id}/file { alias ${image}; }`;
}

/** @param {{ root: string, port: number, bytesPerSecond: number, connections: number, locations: string }} options */
function configuration({ root, port, bytesPerSecond, connections, locations }) {
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${root}/pid;
events { worker_connections ${connections}; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  etag off;
  default_type application/octet-stream;
  client_body_temp_path ${root}/tmp1; proxy_temp_path ${root}/tmp2; fastcgi_temp_path ${root}/tmp3;
  uwsgi_temp_path ${root}/tmp4; scgi_temp_path ${root}/tmp5;
  server {
    listen 127.0.0.1:${port};
    ${bytesPerSecond > 0 ? `limit_rate ${bytesPerSecond};` : ''}
    location = /v2/schemas/image { default_type application/json; return 200 '{"name":"image","properties":{},"additionalProperties":{"type":"string"},"links":[]}'; }
    location = / { default_type application/json; return 300 '{"versions":[{"id":"v2.9","status":"CURRENT","links":[{"rel":"self","href":"http://127.0.0.1:${port}/v2/"}]}]}'; }
    location = /versions { default_type application/json; return 200 '{"versions":[{"id":"v2.9","status":"CURRENT","links":[{"rel":"self","href":"http://127.0.0.1:${port}/v2/"}]}]}'; }
    ${locations}
  }
}
`;
}

/** A port that is free now. */
async function freePort() {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {string} url */
async function untilItAnswers(url) {
  for (let left = 100; left > 0; left--) {
    const isUp = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
  throw new Error(`nginx does not answer at ${url}`);
}
