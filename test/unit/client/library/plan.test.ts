// What downloads would do, with the library only.
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { GlanceClient, type PlannedDownload } from '../../../../src/index.ts';
import { codeOf } from '../../../support/code-of.ts';
import { glance } from '../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../support/images.ts';
import { expectValid } from '../../../support/schemas/schemas.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const data = makeBytes(2_000_000);
const catalog = ['a', 'b', 'c', 'd'].map((name, index) =>
  makeEntry(data, { id: String(index + 1), name, disk_format: 'qcow2', ...(name === 'd' ? { checksum: null } : {}) }),
);
const cut = {
  on: { method: 'GET', path: /\/images\/2$/, times: 1 },
  do: { type: 'cut', afterBytes: 900_000 },
} as const;

/** A client of a server that breaks off the data of `b` once, and an empty directory. */
async function open() {
  const server = await glance(catalog, [cut]);
  const client = await GlanceClient.connect({ endpoint: server.url, retries: 0 });
  onTestFinished(() => client.close());
  return { server, client, directory: await tempDir() };
}

it('says what would be done with each of several images, and does nothing', async () => {
  const { server, client, directory } = await open();
  await client.downloadSeveral(['a', 'b'], directory);
  await writeFile(join(directory, 'c.qcow2'), 'mine');
  const [files, asked] = [await readdir(directory), server.asked().length];
  const plans = await client.planSeveral(['a', await client.find('b'), 'c', 'd', 'nobody'], directory);
  const told = ({ outcome, image, path, error }: PlannedDownload) => [outcome, image, path, error?.code ?? null];
  expect(plans.map(told)).toEqual([
    ['current', '1', join(directory, 'a.qcow2'), null],
    ['resume', '2', join(directory, 'b.qcow2'), null],
    ['in_the_way', '3', join(directory, 'c.qcow2'), 'io.exists'],
    ['fetch', '4', join(directory, 'd.qcow2'), null],
    ['failed', 'nobody', null, 'image.not_found'],
  ]);
  expect(plans.map(({ kept }) => kept > 0)).toEqual([false, true, false, false, false]);
  for (const plan of plans) expectValid('download-plan', plan);
  expect(await readdir(directory)).toEqual(files);
  const sent = server.asked().slice(asked);
  expect(sent.filter((each) => /^GET .*\/images\/\d$/.test(each))).toEqual([]);
});

it('says where one image would go, and what would prevent it', async () => {
  const { client, directory } = await open();
  const path = join(directory, 'mine');
  await writeFile(path, 'mine');
  expect(await client.planDownload('a', path)).toMatchObject({ outcome: 'in_the_way', error: { code: 'io.exists' } });
  expect(await client.planDownload('a', path, { force: true })).toMatchObject({ outcome: 'fetch', error: null });
  const template = join(directory, '{name}', '{id}.{format}');
  const planned = await client.planDownload(await client.find('a'), template, { template: true });
  expect(planned).toMatchObject({ outcome: 'fetch', path: join(directory, 'a', '1.qcow2'), bytes: data.length });
  const wrong = await client.planDownload('a', join(directory, 'new'), { expect: [`md5:${'0'.repeat(32)}`] });
  expect(wrong).toMatchObject({ outcome: 'failed', error: { code: 'integrity.pin' } });
  expect(await readdir(directory)).toEqual(['mine']);
});

it('contains failures that concern one image only, whether of one or of several', async () => {
  const { client, directory } = await open();
  await symlink(tmpdir(), join(directory, 'a'));
  await mkdir(join(directory, 'b.qcow2'));
  for (const [name, template, code] of [
    ['a', '{name}/{id}', 'io.name'],
    ['b', '{name}.{format}', 'io.not_regular'],
  ] as const) {
    const path = join(directory, template);
    const one = await client.planDownload(name, path, { template: true });
    expect(one).toMatchObject({ outcome: 'failed', name, error: { code } });
    expect(await client.planSeveral([name], path, { template: true })).toEqual([one]);
  }
  const trust = { trustedCert: ['c.pem'] };
  const given = await client.planDownload('a', join(directory, 'f'), trust);
  expect(given).toMatchObject({ outcome: 'failed', error: { code: 'usage.option' } });
  const missing = await client.planSeveral(['a', 'b'], join(directory, 'new'), { verifySignature: true });
  expect(missing.map(({ error }) => error?.code)).toEqual(['signature.missing', 'signature.missing']);
  const nothing = `${directory}/{checksum}`;
  expect(await codeOf(client.planDownload('d', nothing, { template: true }))).toBe('usage.option');
  expect(await codeOf(client.planSeveral(['d'], nothing, { template: true }))).toBe('usage.option');
});

it('refuses to plan what could not even begin', async () => {
  const { server, client, directory } = await open();
  const file = join(directory, 'file');
  await writeFile(file, '');
  const asked = server.asked().length;
  expect(await codeOf(client.planDownload('a', join(directory, 'missing', 'a')))).toBe('io.missing');
  for (const path of [directory, `${directory}/new/`, `${directory}/new/.`, `${file}/..`])
    expect(await codeOf(client.planDownload('a', path))).toBe('io.not_regular');
  expect(await codeOf(client.planSeveral(['a'], file))).toBe('io.missing');
  expect(await codeOf(client.planSeveral(['a'], directory, { connections: 0 }))).toBe('usage.option');
  expect(server.asked()).toHaveLength(asked);
  expect(await codeOf(client.planDownload('nobody', join(directory, 'a')))).toBe('image.not_found');
  const list = { expectFrom: file, againstName: 'x' };
  expect(await codeOf(client.planSeveral(['a', 'b'], directory, list))).toBe('usage.option');
});

it('refuses numbers out of range, as a download does, and keeps existing parts', async () => {
  const { client, directory } = await open();
  const path = join(directory, 'b.qcow2');
  expect(await codeOf(client.download('b', path))).toBe('http.truncated');
  const kept = await readdir(directory);
  for (const options of [
    { connections: 0 },
    { connections: Number.NaN },
    { limitRate: 0 },
    { maxTimeMs: Number.NaN },
  ]) {
    expect(await codeOf(client.download('b', path, options))).toBe('usage.option');
    expect(await codeOf(client.planDownload('b', path, options))).toBe('usage.option');
  }
  expect(await readdir(directory)).toEqual(kept);
});
