// What a program may name for inspection, and that it means the same as for the command.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';
import { GlanceClient, type Report, systemOf } from '../../../../src/index.ts';
import { codeOf } from '../../../support/code-of.ts';
import { largeGuestImage } from '../../../support/disk/guests/large-guest.ts';
import { gather } from '../../../support/fleet/fleet.ts';
import { type Glance, glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { startS3 } from '../../../support/s3/double.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const good = writeQcow2({ size: 1_048_576, pieces: [] });
const catalog = [
  makeEntry(good, { id: '1', name: 'one', disk_format: 'qcow2' }),
  makeEntry(good, { id: '2', name: 'a/b', disk_format: 'qcow2' }),
];
const anywhere = true;

/** A Glance, and a directory in which files have the names of its images. */
async function open(images = catalog, env: Record<string, string> = {}) {
  const [server, cwd] = [await glance(images), await tempDir()];
  await mkdir(join(cwd, 'a'));
  for (const name of ['one', 'a/b']) await writeFile(join(cwd, name), Buffer.alloc(5000, 1));
  const client = await connect(server, cwd, env);
  return { server, cwd, client };
}

async function connect({ url }: Glance, cwd: string, env: Record<string, string>): Promise<GlanceClient> {
  const client = await GlanceClient.connect({ endpoint: url, retries: 0, system: { ...systemOf(process), env, cwd } });
  onTestFinished(() => client.close());
  return client;
}

/** As the command prints it, less the bytes read, of which a stream may bring more than are wanted. */
const asJson = (report: unknown): unknown =>
  withoutBytes(JSON.stringify(report, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)));
const withoutBytes = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) => (key === 'bytes_read' ? undefined : value));

const told = ({ id, path, error }: Report): unknown => error?.code ?? id ?? path;

describe('a text', () => {
  it.each(['one', 'a/b', './one', '1'])('%s means to `anywhere` what it means to the command', async (name) => {
    const { server, cwd, client } = await open();
    const printed = await server.cli(['inspect', name, '-f', 'json'], { cwd });
    const report = await client.inspect(name, { anywhere });
    expect(asJson(report)).toEqual(withoutBytes(printed.stdout));
    expect(report.path).toBe(name === '1' ? null : join(cwd, name));
  });

  it.each(['one', 'a/b'])('%s is an image otherwise, whatever files there are', async (name) => {
    const { client } = await open();
    expect(await client.inspect(name)).toMatchObject({ name, path: null, format: 'qcow2' });
  });

  it('is neither a file nor an image if there is none', async () => {
    const { client } = await open();
    await expect(client.inspect('two', { anywhere })).rejects.toThrow('and there is no such file here');
    await expect(client.inspect('two')).rejects.not.toThrow('file');
    expect(await codeOf(client.inspect('./two', { anywhere }))).toBe('io.missing');
  });
});

it('an image of a mirror is inspected and listed where it is kept, in a directory and in a bucket', async () => {
  const store = await startS3();
  const guest = makeEntry(largeGuestImage(), { id: 'guest', name: 'a guest', disk_format: 'qcow2' });
  const { cwd, client } = await open([guest], store.env);
  const there = await client.inventory('guest');
  for (const place of ['./m', 's3://images/prod']) {
    await client.mirror(place).run();
    const name = `${place}/guest`;
    const path = place === './m' ? join(cwd, 'm/guest/guest.qcow2') : 's3://images/prod/guest/guest.qcow2';
    expect(await client.inspect(name, { anywhere, contents: true })).toMatchObject({
      id: 'guest',
      path,
      contents: { os: { id: 'debian' } },
    });
    const kept = await client.inventory(name, { anywhere });
    expect(kept).toEqual({ ...there, image: { ...there.image, path } });
    expect(await client.sbom(name, { anywhere })).toContain('CycloneDX');
  }
});

describe('several things', () => {
  it('are inspected in order, each once, as by the command', async () => {
    const { server, cwd, client } = await open();
    const names = ['./one', '1', 'a?b', 'nosuch', '1', './missing'];
    const reports = await gather(client.inspectSeveral(names, { jobs: 2 }));
    expect(reports.map(told)).toEqual([join(cwd, 'one'), '1', '2', 'image.not_found', 'io.missing']);
    const printed = await server.cli(['inspect', ...names, '--jobs', '2', '-f', 'json'], { cwd });
    expect(asJson(reports)).toEqual(withoutBytes(printed.stdout));
  });

  it('may be none, and end with the signal', async () => {
    const { client } = await open();
    expect(await gather(client.inspectSeveral([]))).toEqual([]);
    const reason = new Error('enough');
    expect(await codeOf(client.inspectSeveral(['1'], { signal: AbortSignal.abort(reason) }).next())).toBe(reason);
  });
});
