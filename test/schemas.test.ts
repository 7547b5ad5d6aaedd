// The JSON Schemas in schemas/ compared with the types of the program and with its real output.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { guestFileKeys } from '../src/client/guest/guest-file.ts';
import { planKeys } from '../src/client/download/foresee.ts';
import { resultKeys } from '../src/client/download/download-record.ts';
import { mirrorRowKeys } from '../src/client/mirror/report.ts';
import { withOptions } from '../src/cli/console/option-names.ts';
import { writeQcow2 } from '../examples/demo/images/qcow2.ts';
import { reportKeys } from '../src/disk/report.ts';
import { hazardCodes } from '../src/disk/parsing/hazards.ts';
import { imageKeyTexts } from '../src/docs/image-keys.ts';
import { imageKeys, memberKeys, storeKeys } from '../src/image/image.ts';
import { verdictKeys } from '../src/mirror/verify.ts';
import type { SeveralCount } from '../src/output/progress/several.ts';
import {
  type FleetEvent,
  type FleetMirrorEvent,
  type FleetVerifyEvent,
  GlanceClient,
  type MirrorEvent,
  type ProgressEvent,
  type VerifyEvent,
  type WorkerEvent,
} from '../src/index.ts';
import { glance } from './support/glance.ts';
import { makeBytes, makeEntry } from './support/images.ts';
import { type CliResult, runCli } from './support/run-cli.ts';
import { expectValid, type Schema, schemaNames, schemaOf, validatorOf } from './support/schemas/schemas.ts';
import { tempDir } from './support/temp-dir.ts';

const parsed = ({ stdout }: CliResult): unknown => JSON.parse(stdout);
const items = (result: CliResult): readonly unknown[] => {
  const list = parsed(result) as unknown[];
  expect(list.length).toBeGreaterThan(0);
  return list;
};

describe('schemas/', () => {
  it.each(schemaNames)('has a schema with the right name and a major version in %s.json', (name) => {
    expect(schemaOf(name).$id).toBe(`urn:glance-cli:schema:${name}:1`);
    expect(validatorOf(name)).toBeTypeOf('function');
  });

  it.each([
    ['image', imageKeys],
    ['member', memberKeys],
    ['store', storeKeys],
    ['guest-file', guestFileKeys],
    ['download-result', resultKeys],
    ['download-plan', planKeys],
    ['inspect-report', reportKeys],
    ['verify-report', verdictKeys],
    ['mirror-report', mirrorRowKeys],
  ])('has in %s.json just the keys that are printed, all of them required', (name, keys) => {
    const { properties, required, additionalProperties } = schemaOf(name);
    expect([Object.keys(properties), required, additionalProperties]).toEqual([[...keys], [...keys], false]);
  });

  it('describes an image like help does', () => {
    const texts = Object.entries(schemaOf('image').properties).map(([key, { description }]) => [key, description]);
    expect(Object.fromEntries(texts)).toEqual(imageKeyTexts);
  });

  it('knows every hazard', () => {
    const text = JSON.stringify(schemaOf('inspect-report'));
    for (const code of Object.keys(hazardCodes)) expect(text).toContain(`"${code}"`);
  });

  it('describes every event with exactly its fields, and no other', () => {
    const facts: Facts = {
      start: { name: 1, total: 1, kept: 1, image: '?', images: '?' },
      check: { bytes: 1, total: 1, image: '?' },
      compare: { bytes: 1, total: 1, image: '?' },
      progress: { bytes: 1, total: 1, image: '?', worker: '?' },
      retry: { attempt: 1, delay_ms: 1, code: 1, message: 1, bytes: 1, image: '?' },
      restart: { code: 1, message: 1, image: '?' },
      verify: { algorithms: 1, image: '?' },
      sync: { image: '?' },
      done: { bytes: 1, seconds: 1, image: '?', worker: '?' },
      failed: { bytes: 1, kept: 1, image: '?', worker: '?' },
      total: { images: 1, finished: 1, failed: 1, bytes: 1, kept: 1, total: 1 },
      fleet: {
        images: 1,
        finished: 1,
        failed: 1,
        lost: 1,
        bytes: 1,
        total: 1,
        workers: 1,
        by_worker: 1,
        bytes_per_second: 1,
        seconds_left: 1,
      },
      lost: { image: 1, worker: 1 },
      plan: { image: 1, name: 1, bytes: 1 },
      unread: { image: 1, message: 1 },
      remove: { image: 1 },
      trouble: { code: 1, message: 1 },
      recovered: {},
      forged: { message: 1 },
      uncompared: { path: 1, code: 1, message: 1 },
      job: { job: 1, kind: 1, image: 1, name: 1, place: 1 },
      job_end: { job: 1, kind: 1, image: 1, outcome: 1, bytes: 1, seconds: 1, code: 1, message: 1 },
      job_progress: { job: 1, kind: 1, bytes: 1 },
      job_retry: { job: 1, kind: 1, code: 1 },
      drain: { jobs: 1 },
    };
    const told = new Map(schemaOf('progress-event').oneOf?.map((each) => [each.properties['event']?.const, each]));
    for (const [type, keys] of Object.entries<Readonly<Record<string, unknown>>>(facts)) {
      const required = Object.keys(keys).filter((key) => keys[key] === 1);
      const { required: demanded, properties, additionalProperties } = told.get(type) as Schema;
      expect([type, demanded, additionalProperties]).toEqual([type, ['event', 'time', ...required], false]);
      expect([type, ...Object.keys(properties).toSorted()]).toEqual([
        type,
        ...['event', 'time', ...Object.keys(keys)].toSorted(),
      ]);
    }
    const messages = ['warning', 'error', 'note', 'debug'];
    expect([...told.keys()].map(String).toSorted()).toEqual([...Object.keys(facts), ...messages].toSorted());
  });
});

/** Every event that a program can get, and the one that only the command has. */
type AnyEvent =
  | (ProgressEvent | MirrorEvent | VerifyEvent | FleetEvent | FleetMirrorEvent | FleetVerifyEvent | WorkerEvent)
  | ({ readonly event: 'total'; readonly time: string } & SeveralCount);
type KeysOf<T> = T extends unknown ? keyof T : never;
/** The keys that all of these types have and demand. */
type Demanded<T, K extends keyof T = keyof T> = K extends unknown ? (object extends Pick<T, K> ? never : K) : never;
type FactsOf<T> = Record<Exclude<Demanded<T>, 'event' | 'time'>, 1> &
  Record<Exclude<KeysOf<T>, Demanded<T> | 'event' | 'time'>, '?'>;
/** By event, its keys other than `event` and `time`: 1 if it always has them, `?` if it may lack them. */
type Facts = { [E in AnyEvent['event']]: FactsOf<Extract<AnyEvent, { readonly event: E; readonly time: string }>> };

const data = makeBytes(200_000);
const catalog = [
  makeEntry(data, { id: '1', name: 'one', properties: { kernel: 'x' } }, [{ member_id: 'p', can_share: true }]),
  makeEntry(writeQcow2({ size: 1_048_576, pieces: [] }, { backingFile: '/etc/passwd', backingFormat: 'raw' }), {
    id: '2',
    name: 'two',
    disk_format: 'qcow2',
  }),
  makeEntry('x', { id: '3', name: 'two' }),
];

describe('what the program prints', () => {
  it('by list, show and members matches the schemas', async () => {
    const server = await glance(catalog);
    const list = await server.cli(['list', '-f', 'json']);
    expectValid('images', items(list));
    expectValid('image', parsed(await server.cli(['show', '1', '-f', 'json'])));
    for (const member of items(await server.cli(['members', '1', '-f', 'json']))) expectValid('member', member);
  });

  it('by download matches the schemas: result, record and events', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const argv = ['download', '1', '-o', 'f', '--metadata', '-f', 'json', '--progress', 'json'];
    const result = await server.cli(argv, { cwd });
    expectValid('download-result', parsed(result));
    expectValid('image', JSON.parse(readFileSync(join(cwd, 'f.json'), 'utf8')));
    const events = result.stderr.trimEnd().split('\n');
    expect(events.length).toBeGreaterThan(3);
    for (const event of events) expectValid('progress-event', JSON.parse(event));
    expectValid('verify-report', parsed(await runCli(['verify', 'f', '-f', 'json'], { cwd })));
  });

  it('by download of several matches the schemas, including failures', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const argv = ['download', '1', 'nosuch', '-O', '-f', 'json', '--progress', 'json'];
    const result = await server.cli(argv, { cwd });
    expect(result.code).toBe(9);
    for (const record of items(result)) expectValid('download-result', record);
    const events = result.stderr.trimEnd().split('\n');
    for (const event of events.slice(0, -1)) expectValid('progress-event', JSON.parse(event));
    expectValid('error', result.error());
  });

  it('is what the library reports and returns: events and records, of one image and of several', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const client = await GlanceClient.connect({ endpoint: server.url });
    onTestFinished(() => client.close());
    const events: ProgressEvent[] = [];
    const onEvent = (event: ProgressEvent): unknown => events.push(event);
    expectValid('download-result', await client.download('1', join(cwd, 'f'), { onEvent }));
    expectValid('download-result', await client.download('1', join(cwd, 'f'), { onEvent }));
    const { records } = await client.downloadSeveral(['1', 'nosuch', '3'], cwd, { onEvent });
    expect(records.map(({ outcome }) => outcome)).toEqual(['downloaded', 'failed', 'downloaded']);
    for (const record of records) expectValid('download-result', record);
    const told = new Set(events.map(({ event, image }) => `${event} ${image ?? ''}`));
    for (const event of ['start ', 'check ', 'start 1', 'progress 1', 'failed nosuch', 'done 3'])
      expect(told).toContain(event);
    for (const event of events) expectValid('progress-event', event);
    const times = events.flatMap((event) => (event.event === 'done' ? [String(event.seconds)] : []));
    for (const seconds of times) expect(seconds).toMatch(/^\d+(\.\d{1,3})?$/);
    expect(times).toHaveLength(4);
  });

  it.each([
    ['image.not_found', ['show', 'nosuch'], (client: GlanceClient) => client.find('nosuch')],
    ['image.ambiguous', ['show', 'two'], (client: GlanceClient) => client.find('two')],
    ['partial', ['show', 'nosuch', '1'], (client: GlanceClient) => client.select({ images: ['nosuch', '1'] })],
  ] as const)('is JSON of the error of the library too: %s', async (code, argv, call) => {
    const server = await glance(catalog);
    const client = await GlanceClient.connect({ endpoint: server.url });
    onTestFinished(() => client.close());
    const error = await call(client).then(
      () => expect.unreachable(),
      (thrown: unknown) => thrown,
    );
    const { exit, ...printed } = (await server.cli([...argv, '--error-format', 'json'])).error();
    expect([printed['code'], exit]).toEqual([code, expect.any(Number)]);
    const own = JSON.parse(withOptions(JSON.stringify(error))) as object;
    // A command shows its own summary of several images.
    expect(own).toEqual(code === 'partial' ? { ...printed, message: '1 of 2 images could not be selected' } : printed);
  });

  it('by inspect matches the schema, safe or not', async () => {
    const server = await glance(catalog);
    for (const report of items(await server.cli(['inspect', '--all', '-f', 'json'])))
      expectValid('inspect-report', report);
    expectValid('inspect-report', parsed(await server.cli(['inspect', '2', '-f', 'json'])));
  });

  it('by mirror and verify matches the schemas', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const mirror = (...more: readonly string[]) => server.cli(['mirror', 'm', '-f', 'json', ...more], { cwd });
    for (const row of items(await mirror('--dry-run'))) expectValid('mirror-report', row);
    for (const row of items(await mirror())) expectValid('mirror-report', row);
    for (const row of items(await runCli(['verify', 'm', '-f', 'json'], { cwd }))) expectValid('verify-report', row);
  });

  it.each([[['show', 'nosuch']], [['show', 'two']], [['show', `1@md5:${'0'.repeat(32)}`]], [['list', '--limit', 'x']]])(
    'by %j, which fails, matches the schema',
    async (argv) => {
      const server = await glance(catalog);
      const result = await server.cli([...argv, '--error-format', 'json']);
      expect(result.code).toBeGreaterThan(0);
      expectValid('error', result.error());
    },
  );
});
