// Audits and inspections by the library alone.
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Connection } from '../../../../src/client/connection.ts';
import { inspectNamed } from '../../../../src/client/inspect/inspect-named.ts';
import { inspectTargets } from '../../../../src/client/inspect/inspect-several.ts';
import { systemOf } from '../../../../src/client/system.ts';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';
import {
  AuditTally,
  type FailOn,
  GlanceClient,
  inspectFile,
  inspectStream,
  isBad,
  type ListQuery,
  renderSarif,
  type Report,
  verdictOf,
  version,
} from '../../../../src/index.ts';
import { codeOf } from '../../../support/code-of.ts';
import type { Fault, FaultMatch } from '../../../support/faults.ts';
import { type Glance, glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { jsonServer } from '../../../support/servers/json-server.ts';
import { eagerClock } from '../../../support/run-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const good = writeQcow2({ size: 1_048_576, pieces: [] });
const bad = writeQcow2({ size: 1_048_576, pieces: [] }, { backingFile: '/etc/passwd', backingFormat: 'raw' });
const gzip = Buffer.concat([Buffer.from('1f8b08', 'hex'), Buffer.alloc(5000)]);
const catalog = [
  makeEntry(good, { id: '1', name: 'fine', disk_format: 'qcow2' }),
  makeEntry(bad, { id: '2', name: 'needs another', disk_format: 'qcow2' }),
  makeEntry(Buffer.alloc(5000, 1), { id: '3', name: 'plain' }),
  makeEntry(gzip, { id: '4', name: 'warned of', disk_format: 'ami' }),
];
const many = Array.from({ length: 7 }, (_, index) =>
  makeEntry(good, { id: `i${String(index)}`, name: 'of many', disk_format: 'qcow2' }),
);
const byId: ListQuery = { sort: [{ key: 'id', direction: 'asc' }] };
const { env: _env, ...system } = systemOf(process);

interface World {
  readonly server: Glance;
  readonly client: GlanceClient;
}

/** A server with these images, and a client of it whose waits end at once. */
async function open(images = catalog, faults: readonly Fault[] = [], signal?: AbortSignal): Promise<World> {
  const server = await glance(images, faults);
  return { server, client: await connect(server.url, signal) };
}

async function connect(endpoint: URL, signal?: AbortSignal): Promise<GlanceClient> {
  const client = await GlanceClient.connect({ endpoint, signal, system: { ...system, env: {}, clock: eagerClock } });
  onTestFinished(() => client.close());
  return client;
}

interface Outcome {
  readonly reports: readonly Report[];
  /** What ended it; null if it came to its end. */
  readonly failure: unknown;
}

async function collect(found: AsyncIterable<Report>): Promise<Outcome> {
  const reports: Report[] = [];
  try {
    for await (const report of found) reports.push(report);
    return { reports, failure: null };
  } catch (failure) {
    return { reports, failure };
  }
}

const idsOf = ({ reports }: Outcome): readonly unknown[] => reports.map(({ id }) => id);
const dataOf = (id: string): FaultMatch => ({ method: 'GET', path: new RegExp(`/images/${id}$`) });
const isForData = (request: string): boolean => /^GET \/v1\/images\/\w*\d$/.test(request);

describe('audit', () => {
  it('reports on every image that matches, in the order of the list', async () => {
    const { client } = await open();
    const all = await collect(client.audit(byId));
    expect([all.failure, all.reports.map(({ id, name, safe, hazards }) => [id, name, safe, hazards.length])]).toEqual([
      null,
      [
        ['1', 'fine', true, 0],
        ['2', 'needs another', false, 1],
        ['3', 'plain', true, 0],
        ['4', 'warned of', true, 1],
      ],
    ]);
    expect(idsOf(await collect(client.audit({ diskFormat: 'raw' })))).toEqual(['3']);
    expect(idsOf(await collect(client.audit({ name: 'nothing of the kind' })))).toEqual([]);
  });

  it('gives reports with exactly the names and types of their JSON Schema', async () => {
    const path = join(import.meta.dirname, '../../../../schemas/inspect-report.json');
    const schema = JSON.parse(readFileSync(path, 'utf8')) as { properties: object };
    const validate = new Ajv2020({ allowUnionTypes: true, strictRequired: false }).compile(schema);
    const { client } = await open(catalog, [{ on: dataOf('3'), do: { type: 'status', status: 403 } }]);
    const { reports } = await collect(client.audit(byId));
    const file = join(await tempDir(), 'disk');
    await writeFile(file, bad);
    const others = [
      await client.inspect(await client.find('1')),
      await inspectFile(file),
      await inspectStream(Readable.from([good])),
    ];
    expect([...reports, ...others].map(({ error }) => error?.code ?? null)).toEqual([
      null,
      null,
      'auth.forbidden',
      null,
      null,
      null,
      null,
    ]);
    for (const report of [...reports, ...others]) {
      expect(Object.keys(report).toSorted()).toEqual(Object.keys(schema.properties).toSorted());
      const printed = JSON.stringify(report, (_key, value: unknown) =>
        typeof value === 'bigint' ? Number(value) : value,
      );
      expect([validate(JSON.parse(printed)), validate.errors]).toEqual([true, null]);
    }
  });

  it.each<[string, Fault['do'], string]>([
    ['may not be read', { type: 'status', status: 403 }, 'auth.forbidden'],
    ['has meanwhile been deleted', { type: 'status', status: 404 }, 'image.no_data'],
    ['has a store that fails each time', { type: 'status', status: 503 }, 'http.503'],
    ['has a store that hangs up each time', { type: 'reset', afterBytes: 0 }, 'http.truncated'],
  ])('has a report with an error on an image that %s, and continues', async (_what, fault, code) => {
    const { client } = await open(catalog, [{ on: dataOf('2'), do: fault }]);
    const { reports, failure } = await collect(client.audit(byId));
    expect(failure).toBe(null);
    expect(reports.map(({ id, safe, error }) => [id, safe, error?.code ?? null])).toEqual([
      ['1', true, null],
      ['2', null, code],
      ['3', true, null],
      ['4', true, null],
    ]);
    expect(reports[1]).toMatchObject({ name: 'needs another', format: null, hazards: [], bytes_read: 0 });
  });

  it.each<[string, Fault['do']]>([
    ['fails', { type: 'status', status: 503 }],
    ['hangs up', { type: 'reset', afterBytes: 100 }],
  ])('retries a store that %s once', async (_what, fault) => {
    const { client } = await open(catalog, [{ on: { ...dataOf('2'), times: 1 }, do: fault }]);
    const { reports } = await collect(client.audit(byId));
    expect(reports.map(verdictOf)).toEqual(['safe', 'unsafe', 'safe', 'safe']);
  });

  it('reports an error for an image whose record makes no sense', async () => {
    const [odd, fine] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
    const record = { status: 'active', visibility: 'shared', disk_format: 'raw', size: 0 };
    const images = [
      { ...record, id: odd, name: 'odd', size: 'ten' },
      { ...record, id: fine, name: 'fine', size: 0 },
    ];
    const server = await jsonServer(({ pathname }) => (pathname === '/v2/images' ? { body: { images } } : null));
    const { reports, failure } = await collect((await connect(new URL('v2', server.url))).audit());
    expect(failure).toBe(null);
    expect(Object.fromEntries(reports.map(({ id, error, hazards }) => [id, error?.code ?? hazards[0]?.code]))).toEqual({
      [odd]: 'metadata.invalid',
      [fine]: 'empty',
    });
  });

  it.each([1, 3])('requests no more images at once than it has jobs: %i', async (jobs) => {
    const stop = new AbortController();
    const stall: Fault = { on: dataOf('i\\d'), do: { type: 'stall', afterBytes: null } };
    const { client, server } = await open(many, [stall]);
    const running = collect(client.audit({}, { jobs, signal: stop.signal }));
    await server.waitForStalls(jobs);
    stop.abort(new Error('enough'));
    expect(await running).toEqual({ reports: [], failure: stop.signal.reason as unknown });
    expect(server.asked().filter(isForData)).toHaveLength(jobs);
  });

  it('requests no further page once the consumer stops', async () => {
    const { client, server } = await open(many);
    for await (const { id } of client.audit({ pageSize: 2 }, { jobs: 1 })) {
      expect(id).toBe('i0');
      break;
    }
    expect(server.asked().filter((request) => request.includes('/images/detail'))).toHaveLength(1);
    expect(server.asked().filter(isForData)).toHaveLength(1);
  });

  it('fails if the list does, after everything that was listed, and resumes after a marker', async () => {
    const query = { pageSize: 2 };
    const breaks: Fault = { on: { path: /marker=i3/ }, do: { type: 'status', status: 500 } };
    const first = await collect((await open(many, [breaks])).client.audit(query));
    expect(first.failure).toMatchObject({ code: 'http.500' });
    const marker = first.reports.at(-1)?.id ?? '';
    const rest = await collect((await open(many)).client.audit({ ...query, marker }));
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(many.map(({ image }) => image.id));
  });

  it('stops at the signal of the client too', async () => {
    const stop = new AbortController();
    const { client } = await open(many, [], stop.signal);
    const found = client.audit({ pageSize: 2 }, { jobs: 1 });
    await found.next();
    stop.abort(new Error('enough'));
    expect((await collect(found)).failure).toBe(stop.signal.reason);
  });
});

describe('a tally', () => {
  it('counts verdicts, hazards and formats', async () => {
    const { client } = await open(catalog, [{ on: dataOf('3'), do: { type: 'status', status: 403 } }]);
    const tally = new AuditTally();
    for await (const report of client.audit()) tally.add(report);
    expect([tally.images, tally.bad]).toEqual([4, 1]);
    expect((['safe', 'unsafe', 'unread'] as const).map((verdict) => tally.verdict(verdict))).toEqual([2, 1, 1]);
    expect(Object.fromEntries(tally.formats)).toEqual({ gzip: 1, qcow2: 2 });
    expect(Object.fromEntries(tally.hazards)).toEqual({ backing_file: 1, compressed: 1 });
  });

  it.each<[FailOn, readonly boolean[]]>([
    ['unsafe', [false, true, false, false]],
    ['warning', [false, true, false, true]],
    ['never', [false, false, false, false]],
  ])('counts as bad: %s', async (failOn, expected) => {
    const { reports } = await collect((await open()).client.audit(byId));
    expect(reports.map((report) => isBad(report, failOn))).toEqual(expected);
    const tally = new AuditTally(failOn);
    for (const report of reports) tally.add(report);
    expect(tally.bad).toBe(expected.filter(Boolean).length);
  });
});

describe('SARIF', () => {
  it('of an audit names each hazard, and each unreadable image', async () => {
    const hidden = makeEntry(bad, { id: '5', name: 'a\u009bb\u202ec', disk_format: 'qcow2' });
    const { client } = await open([...catalog, hidden], [{ on: dataOf('3'), do: { type: 'status', status: 403 } }]);
    const log = await text(Readable.from(renderSarif(client.audit(byId))));
    const { runs } = JSON.parse(log) as { runs: Record<string, unknown>[] };
    expect(runs).toMatchObject([
      {
        tool: { driver: { name: 'glance-cli', version } },
        results: [
          { ruleId: 'backing_file', level: 'error' },
          { ruleId: 'compressed', level: 'warning' },
          { ruleId: 'backing_file', message: { text: expect.stringContaining('a\u009bb\u202ec: ') as string } },
        ],
        invocations: [{ executionSuccessful: false, toolExecutionNotifications: [{ level: 'error' }] }],
      },
    ]);
    expect(log).not.toMatch(/[\u009b\u202e]/);
  });

  it('can also be made from existing reports', async () => {
    const report = await inspectStream(Readable.from([good]));
    const log = JSON.parse(await text(Readable.from(renderSarif([report], '1.2.3')))) as object;
    expect(log).toMatchObject({
      runs: [{ tool: { driver: { version: '1.2.3' } }, results: [], invocations: [{ executionSuccessful: true }] }],
    });
  });
});

describe('what does not come from a Glance', () => {
  it('can be inspected: a file, a stream of bytes, a stream of text', async () => {
    const path = join(await tempDir(), 'disk');
    await writeFile(path, bad);
    expect(await inspectFile(path)).toMatchObject({ id: null, path, format: 'qcow2', safe: false, size: bad.length });
    expect(await inspectStream(Readable.from([good]))).toMatchObject({ path: null, format: 'qcow2', safe: true });
    expect(await inspectStream(Readable.from(['only ', 'text']))).toMatchObject({ format: 'raw' });
  });

  it('fails with a code if there is nothing to inspect', async () => {
    const directory = await tempDir();
    await writeFile(join(directory, 'empty'), '');
    expect(await codeOf(inspectFile(join(directory, 'gone')))).toBe('io.missing');
    expect(await codeOf(inspectFile(directory))).toBe('io.not_regular');
    expect(await codeOf(inspectFile(join(directory, 'empty')))).toBe('data.empty');
    expect(await codeOf(inspectStream(Readable.from([])))).toBe('data.empty');
  });

  it('stops at a signal', async () => {
    const stop = AbortSignal.abort(new Error('enough'));
    expect(await codeOf(inspectStream(new Readable({ read: () => undefined }), { signal: stop }))).toBe(stop.reason);
    const path = join(await tempDir(), 'disk');
    await writeFile(path, good);
    expect(await codeOf(inspectFile(path, { signal: stop }))).toBe(stop.reason);
    const later = new AbortController();
    const reading = codeOf(inspectStream(new Readable({ read: () => undefined }), { signal: later.signal }));
    later.abort(new Error('enough'));
    expect(await reading).toBe(later.signal.reason);
  });
});

describe('what is given to be inspected', () => {
  const id = '11111111-2222-4333-8444-555555555555';

  /** A Glance with an image that is safe, and a directory with files of the same names that are not. */
  async function named(): Promise<(target: string) => Promise<Report>> {
    const cwd = await tempDir();
    const server = await glance([makeEntry(good, { id, name: 'disk', disk_format: 'qcow2' })]);
    for (const name of ['disk', id]) await writeFile(join(cwd, name), bad);
    await mkdir(join(cwd, 'other'));
    const connection = new Connection({ endpoint: server.url, system: { ...system, env: {}, cwd } });
    onTestFinished(() => connection.close());
    return (target) => inspectNamed(connection, target, { latest: false });
  }

  it.each([
    ['a file that is there', 'disk', false],
    ['a path', './disk', false],
    ['a UUID, whatever files there are', id, true],
  ])('is %s', async (_what, target, safe) => {
    expect(await (await named())(target)).toMatchObject({ safe });
  });

  it('is an image if the name is that of a directory, or of nothing', async () => {
    const inspect = await named();
    for (const target of ['other', 'nothing']) {
      await expect(inspect(target)).rejects.toMatchObject({
        code: 'image.not_found',
        message: expect.stringContaining('and there is no such file here') as string,
      });
    }
    await expect(inspect('./nothing')).rejects.toMatchObject({ code: 'io.missing' });
  });

  it('stops at the signal given for several, files included', async () => {
    const path = join(await tempDir(), 'disk');
    await writeFile(path, good);
    const connection = new Connection({ system: { ...system, env: {} } });
    const reports = inspectTargets(connection, [path], { signal: AbortSignal.abort(new Error('enough')) });
    await expect(reports.next()).rejects.toThrow('enough');
  });
});
