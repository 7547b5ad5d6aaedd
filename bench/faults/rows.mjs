// The rows of the comparison: one fault each, how to cause it, and how ours must handle it.
import { writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { imageId, otherData, record, sendJson, size } from './server.mjs';

const half = size / 2;

/**
 * A run that is always interrupted.
 * @type {import('./server.mjs').Behaviour}
 */
const brokenOff = { ranges: 'ignored', faults: [{ do: { type: 'cut', afterBytes: half } }] };

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {'download' | 'redirect' | 'old-file' | 'terminal' | 'escape' | 'loop' | 'other-host' | 'full-disk' | 'time'} kind
 * @property {import('./server.mjs').Behaviour} [behaviour]
 * @property {import('./server.mjs').Behaviour} [before] in a first run, whose outcome does not count
 * @property {(target: string) => void} [prepare]
 * @property {boolean} [resume] whether clients are told to resume
 * @property {boolean} [slow] whether it is watched for a long time
 * @property {RegExp} must the outcome required of ours
 */

/** @type {readonly Row[]} */
export const rows = [
  { name: 'body cut, always', kind: 'download', behaviour: brokenOff, must: /^clean 5, part kept$/ },
  {
    name: 'one reset, then fine',
    kind: 'download',
    behaviour: { faults: [{ on: { times: 1 }, do: { type: 'reset', afterBytes: half } }] },
    must: /^ok$/,
  },
  {
    name: 'one flipped bit',
    kind: 'download',
    behaviour: { faults: [{ do: { type: 'flip', offset: half } }] },
    must: /^clean 6$/,
  },
  {
    name: 'HTML page with 200',
    kind: 'download',
    behaviour: { faults: [{ do: { type: 'html' } }] },
    must: /^clean 7$/,
  },
  {
    name: 'close-delimited, cut',
    kind: 'download',
    behaviour: { ranges: 'ignored', framing: 'close', faults: [{ do: { type: 'cut', afterBytes: half } }] },
    must: /^clean [56]/,
  },
  {
    name: '204 no data',
    kind: 'download',
    behaviour: { faults: [{ do: { type: 'status', status: 204 } }] },
    must: /^clean 3$/,
  },
  {
    name: '503, then fine',
    kind: 'download',
    behaviour: { faults: [{ on: { times: 1 }, do: { type: 'status', status: 503, headers: [['Retry-After', '1']] } }] },
    must: /^ok$/,
  },
  {
    name: 'stall in the middle',
    kind: 'download',
    slow: true,
    behaviour: { faults: [{ on: { times: 1 }, do: { type: 'stall', afterBytes: half } }] },
    must: /^ok$/,
  },
  {
    name: 'resume, image replaced',
    kind: 'download',
    resume: true,
    before: {
      ...brokenOff,
      data: otherData,
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
      faults: [{ on: { where: ({ headers }) => headers['range'] !== undefined }, do: { type: 'status', status: 400 } }],
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
    behaviour: {},
    must: /s$/,
  },
];
