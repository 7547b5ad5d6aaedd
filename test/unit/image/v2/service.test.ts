import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { HttpClient } from '../../../../src/http/client.ts';
import { fixedCredentials } from '../../../../src/http/secrets/credentials.ts';
import { Dispatchers } from '../../../../src/http/connect/dispatchers.ts';
import { digestsOf } from '../../../../src/image/data-answer.ts';
import { resolveImage } from '../../../../src/image/resolve.ts';
import type { ListQuery } from '../../../../src/image/service.ts';
import { V2ImageService } from '../../../../src/image/v2/service.ts';
import { parseV2Image } from '../../../../src/image/v2/records.ts';
import { toV2Parameters } from '../../../../src/image/v2/query.ts';
import { answer, rawServer, type RawServer, type Respond } from '../../../support/servers/raw-server.ts';

const signal = new AbortController().signal;
const id = '5eed0000-0000-4000-8000-000000000001';
const sha512 = 'a'.repeat(128);
const record = {
  id,
  name: 'qcow2',
  status: 'active',
  visibility: 'shared',
  disk_format: 'qcow2',
  container_format: 'bare',
  size: 4,
  virtual_size: null,
  checksum: '8d777f385d3dfec8815d20f7496026dc',
  os_hash_algo: 'sha512',
  os_hash_value: sha512.toUpperCase(),
  os_hidden: false,
  min_disk: 1,
  min_ram: 512,
  owner: 'p1',
  protected: false,
  tags: ['seed', 'linux'],
  created_at: '2026-02-01T00:01:00Z',
  updated_at: '2026-02-01T00:01:30Z',
  stores: 'fast,slow',
  locations: [{ url: 'swift://u:s3cret@h/c', metadata: {} }],
  self: `/v2/images/${id}`,
  file: `/v2/images/${id}/file`,
  schema: '/v2/schemas/image',
  os_distro: 'debian',
};

async function service(respond: Respond): Promise<{ service: V2ImageService; server: RawServer }> {
  const server = await rawServer(respond);
  const dispatchers = new Dispatchers({ tls: { verify: true }, env: {}, connectTimeoutMs: 5000 });
  onTestFinished(() => dispatchers.close());
  const timeouts = { headersMs: 5000, dataHeadersMs: 5000, stallMs: 5000 };
  const client = new HttpClient({ dispatchers, clock: systemClock, userAgent: 't', timeouts, retry: { retries: 0 } });
  const base = new URL('/image/v2', server.url);
  return {
    service: new V2ImageService({ client, base, credentials: fixedCredentials('t'), warn: () => undefined }),
    server,
  };
}
const json = (value: unknown): string => answer('200 OK', JSON.stringify(value));

describe('parseV2Image', () => {
  it('distinguishes known keys from custom properties, and returns every key', () => {
    const { properties, ...image } = parseV2Image(record);
    expect({ ...properties }).toEqual({ os_distro: 'debian' });
    const { self: _self, file: _file, schema: _schema, os_distro: _distro, ...own } = record;
    expect(image).toEqual({
      ...own,
      os_hash_value: sha512,
      stores: ['fast', 'slow'],
      direct_url: null,
      deleted_at: null,
    });
  });

  it('accepts properties with names that every object has', () => {
    const value: unknown = JSON.parse(`{"id":"1","__proto__":"a","constructor":"b","toString":"c"}`);
    const { properties } = parseV2Image(value);
    expect(Object.entries(properties)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
  });

  it.each([
    [{ id, size: 1.5 }],
    [{ id, size: -1 }],
    [{ id, size: '5' }],
    [{ id, size: 2 ** 60 }],
    [{ id, checksum: 'xyz' }],
    [{ id, name: 7 }],
    [{ id, tags: [1] }],
    [{ name: 'no id' }],
  ])('refuses %j', (value) => {
    expect(() => parseV2Image(value)).toThrow(expect.objectContaining({ code: 'metadata.invalid' }));
  });
});

describe('digestsOf', () => {
  it.each([
    ['sha512', sha512, ['sha512', 'md5']],
    ['blake2b', sha512, ['blake2b512', 'md5']],
    ['sha3_512', sha512, ['sha3-512', 'md5']],
    ['shake_128', 'abcd', ['md5']],
    [null, null, ['md5']],
  ])('of %s are %s …', (os_hash_algo, os_hash_value, algorithms) => {
    const image = parseV2Image({ ...record, os_hash_algo, os_hash_value });
    expect(digestsOf(image).map(({ algorithm }) => algorithm)).toEqual(algorithms);
  });

  it('refuse a multihash of the wrong length, rather than call it a mismatch', () => {
    const image = parseV2Image({ ...record, os_hash_value: 'abcd' });
    expect(() => digestsOf(image)).toThrow(expect.objectContaining({ code: 'metadata.invalid' }));
  });
});

it('toV2Parameters sends every filter to the server', () => {
  const query: ListQuery = {
    name: 'in:a,b',
    status: 'active',
    visibility: 'all',
    owner: 'p',
    memberStatus: 'all',
    diskFormat: 'raw',
    containerFormat: 'bare',
    sizeMin: 1,
    sizeMax: 2,
    protected: true,
    hidden: true,
    createdSince: '2026-01-01T00:00:00.000Z',
    tags: ['x', 'y'],
    properties: new Map([['os_distro', 'debian']]),
    sort: [
      { key: 'size', direction: 'desc' },
      { key: 'name', direction: 'asc' },
    ],
  };
  expect(toV2Parameters(query).map(([name, value]) => `${name}=${value}`)).toEqual([
    'name=eq:in:a,b',
    'status=active',
    'visibility=all',
    'owner=p',
    'member_status=all',
    'disk_format=raw',
    'container_format=bare',
    'size_min=1',
    'size_max=2',
    'protected=true',
    'os_hidden=true',
    'created_at=gte:2026-01-01T00:00:00Z',
    'tag=x',
    'tag=y',
    'os_distro=debian',
    'sort=size:desc,name:asc',
  ]);
  expect(() => toV2Parameters({ sort: [{ key: 'owner', direction: 'asc' }] })).toThrow(
    expect.objectContaining({ code: 'usage.unsupported' }),
  );
});

describe('V2ImageService', () => {
  it('pages with its own query and marker, under the path prefix, whatever next says', async () => {
    const { service: glance, server } = await service(({ target }, socket) => {
      const isFirst = !target.includes('marker');
      const tagged = { ...record, tags: ['b', 'c', 'a'] };
      const images = isFirst ? [tagged] : [{ ...tagged, id: id.replace(/1$/, '2') }];
      socket.write(json({ images, ...(isFirst ? { next: 'http://evil.example/v2/images?marker=x' } : {}) }));
    });
    const found: string[] = [];
    for await (const page of glance.list({ tags: ['a', 'b'] }, signal)) found.push(...page.map((image) => image.id));
    expect(found).toEqual([id, id.replace(/1$/, '2')]);
    expect(server.requests.map(({ target }) => target)).toEqual([
      '/image/v2/images?tag=a&tag=b&sort=name%3Aasc&limit=1000',
      `/image/v2/images?tag=a&tag=b&sort=name%3Aasc&limit=1000&marker=${id}`,
    ]);
  });

  it('asks for an id only if it can be one, then for the name, then among hidden images', async () => {
    const { service: glance, server } = await service(({ target }, socket) =>
      socket.write(json({ images: target.includes('os_hidden') ? [{ ...record, os_hidden: true }] : [] })),
    );
    expect((await resolveImage(glance, 'qcow2', false, signal)).id).toBe(id);
    expect(server.requests.map(({ target }) => target.replace(/&(?:sort\w*|limit)=[^&]*/g, ''))).toEqual([
      '/image/v2/images?name=eq%3Aqcow2',
      '/image/v2/images?name=qcow2',
      '/image/v2/images?name=eq%3Aqcow2&os_hidden=true',
    ]);
  });

  it('gives data with the accompanying MD5', async () => {
    const { service: glance, server } = await service((_request, socket) =>
      socket.write(
        answer(
          '200 OK',
          'data',
          'Content-Type: application/octet-stream',
          'Content-Md5: 8D777F385D3DFEC8815D20F7496026DC',
        ),
      ),
    );
    const data = await glance.data(parseV2Image(record), null, signal);
    expect(data.digests).toEqual([{ algorithm: 'md5', hex: '8d777f385d3dfec8815d20f7496026dc' }]);
    expect((await buffer(data.body)).toString()).toBe('data');
    expect(server.requests[0]?.target).toBe(`/image/v2/images/${id}/file`);
    expect(server.requests[0]?.headers.get('connection')).toBe('close');
  });

  it.each([
    ['204, also of an active image', answer('204 No Content', ''), 'active', 'image.no_data'],
    ['404', answer('404 Not Found', ''), 'active', 'image.no_data'],
    ['403 of a deactivated image', answer('403 Forbidden', ''), 'deactivated', 'image.deactivated'],
    ['403 of an active image', answer('403 Forbidden', ''), 'active', 'auth.forbidden'],
    ['another length', answer('200 OK', 'more data'), 'active', 'integrity.size'],
    ['a page', answer('200 OK', 'data', 'Content-Type: text/html'), 'active', 'http.not_image'],
  ])('answered %s returns no data: %#', async (_what, bytes, status, code) => {
    const { service: glance } = await service((_request, socket) => socket.write(bytes));
    await expect(glance.data(parseV2Image({ ...record, status }), null, signal)).rejects.toMatchObject({ code });
  });

  it('of an image without data makes no request', async () => {
    const { service: glance, server } = await service(() => undefined);
    const queued = parseV2Image({ ...record, status: 'queued', size: null });
    await expect(glance.data(queued, null, signal)).rejects.toMatchObject({ code: 'image.no_data' });
    expect(server.requests).toEqual([]);
  });

  it('lists members and stores, and treats a refusal to list members as none if the image is not shared', async () => {
    const { service: glance } = await service(({ target }, socket) => {
      if (target.endsWith('/info/stores'))
        socket.write(json({ stores: [{ id: 'fast', default: 'true' }, { id: 'slow' }] }));
      else if (target.endsWith('/members')) {
        const isShared = target.includes(id);
        const members = [{ member_id: 'p2', status: 'pending', created_at: '2026-02-01T00:00:00Z', updated_at: null }];
        socket.write(isShared ? json({ members }) : answer('403 Forbidden', ''));
      } else socket.write(json({ ...record, id: 'x', visibility: 'private' }));
    });
    expect(await glance.members(id, signal)).toEqual([
      {
        image_id: id,
        member_id: 'p2',
        status: 'pending',
        can_share: null,
        created_at: '2026-02-01T00:00:00Z',
        updated_at: null,
      },
    ]);
    expect(await glance.members('x', signal)).toEqual([]);
    expect(await glance.stores(signal)).toEqual([
      { id: 'fast', description: null, default: true },
      { id: 'slow', description: null, default: false },
    ]);
    await expect(glance.sharedImages()).rejects.toMatchObject({ code: 'usage.unsupported' });
  });
});
