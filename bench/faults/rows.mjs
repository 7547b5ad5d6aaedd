// The rows of the scoreboard: one fault each, how it is brought about, and what ours must do with it.
import { writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { data, imageId, otherData, record, sendData, sendJson, size } from './server.mjs';

const half = size / 2;
const octets = { 'content-type': 'application/octet-stream' };

function cut(response, after = half, bytes = data) {
  response.writeHead(200, { ...octets, 'content-length': size });
  response.write(bytes.subarray(0, after), () => response.socket?.end());
  return true;
}

/** A first run that is broken off, of the image as it is then. */
const brokenOff = { file: (_request, response) => cut(response) };

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {'download' | 'redirect' | 'old-file' | 'terminal' | 'escape' | 'loop' | 'other-host' | 'full-disk' | 'time'} kind
 * @property {import('./server.mjs').Behaviour} [behaviour]
 * @property {import('./server.mjs').Behaviour} [before] of a first run, whose outcome does not count
 * @property {(target: string) => void} [prepare]
 * @property {boolean} [resume] whether clients are told to go on
 * @property {boolean} [slow] whether it is watched for a long time
 * @property {RegExp} must what the outcome of ours has to be
 */

/** @type {readonly Row[]} */
export const rows = [
  { name: 'body cut, always', kind: 'download', behaviour: brokenOff, must: /^clean 5, part kept$/ },
  {
    name: 'one reset, then fine',
    kind: 'download',
    behaviour: {
      file: (_request, response, count) => {
        if (count > 1) return false;
        response.writeHead(200, { ...octets, 'content-length': size });
        response.write(data.subarray(0, half), () => response.socket?.resetAndDestroy());
        return true;
      },
    },
    must: /^ok$/,
  },
  {
    name: 'one flipped bit',
    kind: 'download',
    behaviour: {
      file: (_request, response) => {
        const wrong = Buffer.from(data);
        wrong[half] = 255 - wrong[half];
        response.writeHead(200, { ...octets, 'content-length': size }).end(wrong);
        return true;
      },
    },
    must: /^clean 6$/,
  },
  {
    name: 'HTML page with 200',
    kind: 'download',
    behaviour: {
      file: (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>');
        return true;
      },
    },
    must: /^clean 7$/,
  },
  {
    name: 'close-delimited, cut',
    kind: 'download',
    behaviour: {
      file: (_request, response) => {
        response.useChunkedEncodingByDefault = false;
        response.shouldKeepAlive = false;
        response.writeHead(200, octets).end(data.subarray(0, half));
        return true;
      },
    },
    must: /^clean [56]/,
  },
  {
    name: '204 no data',
    kind: 'download',
    behaviour: {
      file: (_request, response) => {
        response.writeHead(204).end();
        return true;
      },
    },
    must: /^clean 3$/,
  },
  {
    name: '503, then fine',
    kind: 'download',
    behaviour: {
      file: (_request, response, count) => {
        if (count > 1) return false;
        response.writeHead(503, { 'retry-after': '1' }).end();
        return true;
      },
    },
    must: /^ok$/,
  },
  {
    name: 'stall in the middle',
    kind: 'download',
    slow: true,
    behaviour: {
      file: (_request, response, count) => {
        if (count > 1) return false;
        response.writeHead(200, { ...octets, 'content-length': size });
        response.write(data.subarray(0, half));
        return true;
      },
    },
    must: /^ok$/,
  },
  {
    name: 'resume, image replaced',
    kind: 'download',
    resume: true,
    before: {
      file: (_request, response) => cut(response, half, otherData),
      record: () => ({ ...record(), os_hash_value: createHash('sha512').update(otherData).digest('hex') }),
    },
    behaviour: {},
    must: /^ok$/,
  },
  {
    name: "resume over another image's part",
    kind: 'download',
    resume: true,
    prepare: (target) => writeFileSync(target, otherData.subarray(0, half)),
    behaviour: {},
    must: /^clean 8$/,
  },
  {
    name: 'local part longer (416)',
    kind: 'download',
    resume: true,
    prepare: (target) => writeFileSync(target, Buffer.concat([otherData, Buffer.alloc(1000)])),
    behaviour: {},
    must: /^clean 8$/,
  },
  {
    name: 'resume, server answers 400 (Ceph)',
    kind: 'download',
    resume: true,
    before: brokenOff,
    behaviour: {
      file: (request, response) => {
        if (request.headers.range === undefined) return false;
        response.writeHead(400).end();
        return true;
      },
    },
    must: /^ok$/,
  },
  { name: 'redirect to another origin', kind: 'redirect', must: /^token not sent/ },
  { name: 'disk full', kind: 'full-disk', behaviour: {}, must: /^clean 8, part kept$/ },
  { name: 'good file there, download fails', kind: 'old-file', behaviour: brokenOff, must: /^intact/ },
  { name: 'binary to a terminal', kind: 'terminal', behaviour: {}, must: /^refuses/ },
  { name: '`ESC[2J` in an image name', kind: 'escape', behaviour: { name: '\u001b[2Jevil' }, must: /^escaped$/ },
  {
    name: '`next` loop',
    kind: 'loop',
    behaviour: {
      list: (_request, response) => {
        sendJson(response, { images: [record()], next: `/v2/images?marker=${imageId}` });
        return true;
      },
    },
    must: /^stops/,
  },
  { name: '`next` to another host', kind: 'other-host', must: /^(?:refused|stays)/ },
  {
    name: 'start-up + 8 MiB on loopback',
    kind: 'time',
    behaviour: { file: (...args) => (sendData(args[0], args[1]), true) },
    must: /s$/,
  },
];
