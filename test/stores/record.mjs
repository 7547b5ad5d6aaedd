#!/usr/bin/env node
// Records what a real store answers to the requests of test/fixtures/s3/requests.json. By hand:
//   eval "$(test/stores/servers/rgw-up)" && node test/stores/record.mjs rgw
// The bucket `recorded` must not be there: a Ceph RGW begins with nothing, of a Swift it takes `down --purge` before.
import { createHash, createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

const store = process.argv[2];
const {
  AWS_ENDPOINT_URL_S3: endpoint,
  AWS_ACCESS_KEY_ID: key = '',
  AWS_SECRET_ACCESS_KEY: secret = '',
  AWS_REGION: region = 'us-east-1',
} = process.env;
if (store === undefined || !/^[a-z]+$/.test(store) || endpoint === undefined) {
  throw new Error('usage: record.mjs STORE, with AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set');
}
const url = new URL(endpoint);
const fixtures = new URL('../fixtures/s3/', import.meta.url);
const directory = new URL(`${store}/`, fixtures);

/**
 * @typedef {{ none?: boolean, key?: string, secret?: string, skew?: number, region?: string, sha256?: string }} Signing
 *   what is different in the signature; the skew in seconds
 * @typedef {{ name: string, method: string, path: string, headers?: Record<string, string>, body?: string, fill?: number,
 *   md5?: 'auto', keep?: Record<string, string>, sign?: Signing }} Recipe
 *   `fill` is a body of so many zero bytes, `keep` the elements of the answer that later requests name as `{…}`
 */

/** @param {string} algorithm @param {Uint8Array | string} data */
const hash = (algorithm, data) => createHash(algorithm).update(data);

/**
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 * @param {Recipe} recipe @param {string} target @param {Buffer} body @returns {Record<string, string>}
 */
function headersOf({ method, headers = {}, md5, sign = {} }, target, body) {
  /** @type {Record<string, string>} */
  const own = { host: url.host, ...headers, ...(md5 ? { 'content-md5': hash('md5', body).digest('base64') } : {}) };
  if (sign.none) return own;
  const now = new Date(Date.now() + (sign.skew ?? 0) * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const sha256 = sign.sha256 ?? hash('sha256', body).digest('hex');
  /** @type {Record<string, string>} */
  const all = { ...own, 'x-amz-content-sha256': sha256, 'x-amz-date': now };
  const names = Object.keys(all).toSorted();
  const [path, query = ''] = target.split('?');
  const scope = [now.slice(0, 8), sign.region ?? region, 's3', 'aws4_request'];
  const lines = names.map((name) => `${name}:${all[name]}`);
  const canonical = [method, path, query, ...lines, '', names.join(';'), sha256].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', now, scope.join('/'), hash('sha256', canonical).digest('hex')].join('\n');
  let signing = Buffer.from(`AWS4${sign.secret ?? secret}`);
  for (const part of scope) signing = createHmac('sha256', signing).update(part).digest();
  const signature = createHmac('sha256', signing).update(toSign).digest('hex');
  const credential = `${sign.key ?? key}/${scope.join('/')}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...all, authorization };
}

/** @param {Recipe} recipe @param {string} target @param {Buffer} body @returns {Promise<Buffer>} all that came */
function exchange(recipe, target, body) {
  const headers = { ...headersOf(recipe, target, body), 'content-length': String(body.length), connection: 'close' };
  const lines = [
    `${recipe.method} ${target} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return new Promise((resolve, reject) => {
    /** @type {Buffer[]} */
    const chunks = [];
    const socket = connect(Number(url.port), url.hostname);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks)));
    socket.on('error', (error) => (chunks.length > 0 ? resolve(Buffer.concat(chunks)) : reject(error)));
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    socket.write(body);
  });
}

/** @type {Recipe[]} */
const recipes = JSON.parse(readFileSync(new URL('requests.json', fixtures), 'utf8'));
/** @type {Record<string, string>} */
const kept = {
  etag1: hash('md5', Buffer.alloc(5 * 1024 * 1024)).digest('hex'),
  etag2: hash('md5', 'the end').digest('hex'),
};
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
for (const recipe of recipes) {
  /** @param {string} text @param {(value: string) => string} [write] */
  const fillIn = (text, write = String) =>
    text.replaceAll(/\{(\w+)\}/g, (whole, /** @type {string} */ name) => {
      const value = kept[name];
      return value === undefined ? whole : write(value);
    });
  const target = fillIn(recipe.path, encodeURIComponent);
  const body = recipe.fill === undefined ? Buffer.from(fillIn(recipe.body ?? '')) : Buffer.alloc(recipe.fill);
  const raw = await exchange(recipe, target, body);
  const text = raw.toString('latin1');
  for (const [name, element] of Object.entries(recipe.keep ?? {})) {
    kept[name] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(text)?.[1] ?? '';
  }
  writeFileSync(
    new URL(`${recipe.name}.http`, directory),
    raw.toString('latin1').replace(/^Date: .*\r\n/m, ''),
    'latin1',
  );
  process.stdout.write(`${recipe.name}: ${text.slice(9, text.indexOf('\r\n'))}\n`);
}
