// A mirror that is killed: complete images stay, are not fetched again, and the next run finishes.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Fault } from '../support/faults.ts';
import { glance } from '../support/glance.ts';
import { makeBytes, makeEntry } from '../support/images.ts';
import { startCli } from '../support/spawn-cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const ids = ['1', '2', '3', '4'];
const data = new Map(ids.map((id) => [id, makeBytes(1_000_000 + Number(id))]));
const catalog = ids.map((id) => makeEntry(data.get(id) ?? '', { id, name: `image ${id}`, disk_format: 'raw' }));
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

it.each(['1', '3', '4'])('loses nothing when kill -9 strikes during image %s', async (stalled) => {
  const cwd = await tempDir();
  const stall: Fault = {
    on: { path: new RegExp(`/images/${stalled}$`), times: 1 },
    do: { type: 'stall', afterBytes: 600_000 },
  };
  const server = await glance(catalog, [stall]);
  const env = { OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href };
  const argv = ['mirror', 'm', '--jobs', '1', '--sort', 'id', '--progress', 'none'];
  const first = startCli(argv, env, cwd);
  await server.stalled;
  first.child.kill('SIGKILL');
  expect((await first.ended).signal).toBe('SIGKILL');
  const path = (id: string): string => join(cwd, 'm', id, `${id}.raw`);
  for (const id of ids) {
    const found = await readFile(path(id)).catch(() => null);
    // A name exists only for complete data.
    expect(found === null ? null : sha(found)).toBe(id < stalled ? sha(data.get(id) ?? Buffer.of()) : null);
  }
  const asked = server.asked().length;
  const complete = ids.filter((id) => id < stalled);
  const between = await startCli(['verify', 'm', '-f', 'json'], {}, cwd).ended;
  const verdicts = JSON.parse(between.stdout.toString('utf8')) as { path: string; status: string }[];
  expect([between.code, verdicts.map(({ path: file, status }) => [file, status])]).toEqual([
    0,
    complete.map((id) => [`${id}/${id}.raw`, 'unlisted']),
  ]);
  const second = await startCli(argv, env, cwd).ended;
  const there = complete.length === 0 ? '' : `${String(complete.length)} already there, `;
  const done = `${String(4 - complete.length)} fetched, ${there}0 records updated, 0 unchanged, 0 gone, 0 failed\n`;
  expect([second.code, second.stderr]).toEqual([0, done]);
  const fetched = server
    .asked()
    .slice(asked)
    .flatMap((request) => /^GET .*\/images\/(\d)$/.exec(request)?.[1] ?? []);
  expect(fetched).toEqual(ids.filter((id) => id >= stalled));
  const verified = await startCli(['verify', 'm'], {}, cwd).ended;
  expect([verified.code, verified.stderr]).toEqual([0, '4 images good, 0 findings\n']);
});
