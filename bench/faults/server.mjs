// A Glance v2 with one image and one fault, in the vocabulary of the tests. Notes every request.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { listen } from '../servers/listen.mjs';
import { applyAction, draftData, makePicker, respond } from './vocabulary.mjs';

export const imageId = '11111111-2222-4333-8444-555555555555';
export const size = 8 * 1024 * 1024;
/** The image, an earlier one with the same id, and the token that must not leak. */
export const data = randomBytes(size);
export const otherData = randomBytes(size);
export const token = 'secret-token-of-the-scoreboard';

/**
 * @typedef {object} Behaviour
 * @property {readonly import('../../test/support/faults/vocabulary.ts').Fault[]} [faults] the first that matches befalls a request for data
 * @property {import('../../test/support/faults/data-draft.ts').Framing} [framing]
 * @property {'works' | 'ignored'} [ranges] how the store handles ranges; default `works`
 * @property {Buffer} [data] data other than the right one
 * @property {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => boolean} [list]
 * @property {() => object} [record] the image's record
 * @property {string} [name] of the image
 */

/** Starts one. @param {Behaviour} behaviour */
export async function startServer(behaviour) {
  /** @type {import('node:http').IncomingMessage[]} */
  const requests = [];
  /** @type {Map<NonNullable<Behaviour['faults']>, ReturnType<typeof makePicker>>} */
  const pickers = new Map();
  const server = createServer((request, response) => {
    requests.push(request);
    response.on('error', () => undefined);
    const path = new URL(request.url ?? '', 'http://x').pathname;
    if (path === `/v2/images/${imageId}/file`) {
      const { faults = [] } = behaviour;
      // One for each set of faults, as it counts their uses.
      const picker = pickers.get(faults) ?? makePicker(faults);
      pickers.set(faults, picker);
      sendData(request, response, behaviour, picker);
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

/**
 * Sends the data like a working store, except for a fault.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {Behaviour} [behaviour]
 * @param {ReturnType<typeof makePicker>} [pick] the fault that befalls a request
 */
export function sendData(request, response, behaviour = {}, pick = () => undefined) {
  const { method = '', url: path = '' } = request;
  const { range } = request.headers;
  /** @type {Record<string, string>} */
  const headers = range === undefined ? {} : { range };
  const seen = { method, path, headers };
  let draft = draftData(behaviour.data ?? data, behaviour.ranges === 'ignored' ? undefined : range, behaviour.framing);
  for (const action of [pick(seen)?.do ?? []].flat()) draft = applyAction(draft, action, seen);
  respond(response, draft);
}

/** @param {import('node:http').ServerResponse} response @param {unknown} value @param {number} [status] */
export function sendJson(response, value, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export function record(name = 'image') {
  const hash = (/** @type {string} */ algorithm) => createHash(algorithm).update(data).digest('hex');
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

/** @param {number} port */
function versions(port) {
  const links = [{ rel: 'self', href: `http://127.0.0.1:${port}/v2/` }];
  return { versions: [{ id: 'v2.9', status: 'CURRENT', links }] };
}
