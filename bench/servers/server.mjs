// `node server.mjs SIZE`: serves Images API v1 with one image, `1`, of SIZE bytes that do not compress. Prints its URL and
// the image's MD5 as one line of JSON once it listens, and ends with its standard input.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { listen } from './listen.mjs';

const block = randomBytes(8 * 1024 * 1024);
const size = Number(process.argv[2]);

/** The data, block after block, from the same memory. */
function* blocks() {
  for (let left = size; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block;
}

const hash = createHash('md5');
for (const each of blocks()) hash.update(each);
const md5 = hash.digest('hex');

const headers = {
  'Content-Type': 'application/octet-stream',
  'X-Image-Meta-Id': '1',
  'X-Image-Meta-Name': 'bench',
  'X-Image-Meta-Status': 'active',
  'X-Image-Meta-Is_public': 'True',
  'X-Image-Meta-Deleted': 'False',
  'X-Image-Meta-Protected': 'False',
  'X-Image-Meta-Disk_format': 'raw',
  'X-Image-Meta-Container_format': 'bare',
  'X-Image-Meta-Size': String(size),
  'X-Image-Meta-Checksum': md5,
  'X-Image-Meta-Min_disk': '0',
  'X-Image-Meta-Min_ram': '0',
  'X-Image-Meta-Created_at': '2026-01-31T00:00:00.000000',
  'X-Image-Meta-Updated_at': '2026-01-31T00:00:00.000000',
  Etag: md5,
};

/** @param {import('node:http').ServerResponse} response */
async function sendData(response) {
  response.writeHead(200, { ...headers, 'Content-Length': String(size) });
  await pipeline(Readable.from(blocks(), { objectMode: false }), response);
}

const server = createServer((request, response) => {
  if (request.url !== '/v1/images/1') response.writeHead(404).end();
  else if (request.method === 'HEAD') response.writeHead(200, { ...headers, 'Content-Length': '0' }).end();
  else sendData(response).catch(() => response.destroy());
});
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${await listen(server)}/v1`, md5 })}\n`);
process.stdin.resume().on('end', () => {
  server.closeAllConnections();
  server.close();
});
