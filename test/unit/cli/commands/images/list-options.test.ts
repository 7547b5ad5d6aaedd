// Options of `list` in the words of people: times that are so long ago, words of names, and the order.
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../../src/clock.ts';
import { v1Versions, v2Versions } from '../../../../../src/server/versions.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { eagerClock, runCli } from '../../../../support/run-cli.ts';

describe('times', () => {
  const now = Date.UTC(2026, 0, 31, 12);
  const clock = { ...eagerClock, wallTime: () => now };
  const old = ['2026-01-24T11:59:59Z', '2026-01-31T00:00:00Z', '2026-01-31T11:30:00Z'];
  const catalog = old.map((created_at, index) => {
    const id = `11111111-2222-4333-8444-00000000000${String(index)}`;
    return makeEntry('x', { id, name: `image ${String(index)}`, created_at, updated_at: created_at });
  });

  it.each([
    ['7d', 2],
    ['8d', 3],
    ['12h', 2],
    ['30m', 1],
    ['29m', 0],
    ['999999d', 3],
    ['2026-01-31T12:00+00:30', 1],
  ])('list --created-since %s, and --updated-since, give %i of the images', async (since, count) => {
    for (const versions of [undefined, v2Versions]) {
      const server = await glance(catalog, [], versions === undefined ? {} : { versions });
      for (const option of ['--created-since', '--updated-since']) {
        const { stdout } = await server.cli(['list', option, since, '-f', 'value', '-c', 'name'], { clock });
        expect(stdout.split('\n').filter(Boolean)).toEqual(['image 0', 'image 1', 'image 2'].slice(3 - count));
      }
    }
  });

  it.each(['7w', '7', 'd', '7 d', '-7d', '1234567d', '7D', 'yesterday', ''])('%j is refused', async (since) => {
    const { code, stderr } = await runCli(['--endpoint', 'http://127.0.0.1:1', 'list', `--created-since=${since}`]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('7d, 12h or 30m')]);
  });

  it('are computed anew in each round of mirror --watch', async () => {
    const [server, controller] = [await glance(catalog, [], { versions: v2Versions }), new AbortController()];
    let [wallTime, rounds] = [now, 0];
    const watched = {
      ...systemClock,
      wallTime: () => wallTime,
      startTimer: (delayMs: number, onTime: () => void) => {
        if (delayMs !== 7777) return systemClock.startTimer(delayMs, onTime);
        wallTime += 3_600_000;
        if (++rounds === 2) controller.abort(new Error('enough'));
        const immediate = setImmediate(onTime);
        return () => clearImmediate(immediate);
      },
    };
    await server.cli(['mirror', 'm', '--dry-run', '--created-since', '1h', '--watch', '7.777'], {
      clock: watched,
      signal: controller.signal,
      cwd: '/tmp',
    });
    expect(
      server
        .asked()
        .filter((each) => each.includes('gte'))
        .map((each) => /gte%3A[^&]*/.exec(each)?.[0]),
    ).toEqual(['gte%3A2026-01-31T11%3A00%3A00Z', 'gte%3A2026-01-31T12%3A00%3A00Z']);
  });
});

describe('the order of list', () => {
  const names = ['ubuntu-10', 'ubuntu-9', 'Debian 12', 'debian 2'];
  const start = () => glance(names.map((name, index) => makeEntry('x', { id: String(index), name })));
  const natural = ['debian 2', 'Debian 12', 'ubuntu-9', 'ubuntu-10'];
  const byName = ['Debian 12', 'debian 2', 'ubuntu-10', 'ubuntu-9'];

  it.each([
    [[], natural],
    [['--page-size', '1', '--status', 'active'], natural],
    [['--sort', 'name'], byName],
    [['--limit', '100'], byName],
    [['--limit', '0'], []],
    [['--marker', '0'], ['ubuntu-9']],
    [['-f', 'value'], byName],
    [['-f', 'csv', '--no-headers'], byName],
  ])('as a table is natural and ignores case, with %j it is %j', async (more, sorted) => {
    const { code, stdout } = await (await start()).cli(['list', '-c', 'name', ...more, '--no-headers']);
    expect([
      code,
      stdout
        .trimEnd()
        .split('\n')
        .filter(Boolean)
        .map((line) => line.trim()),
    ]).toEqual([0, sorted]);
  });

  it("is the server's in other formats", async () => {
    const server = await start();
    const { stdout } = await server.cli(['list', '-f', 'ndjson', '-c', 'name']);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { name: string }).name),
    ).toEqual(byName);
  });
});

describe.each([
  { api: 'v1', versions: v1Versions },
  { api: 'v2', versions: v2Versions },
])('list WORD over $api', ({ versions }) => {
  const names = ['Ubuntu 24.04', 'ubuntu 22.04', 'Debian [1] 12', 'a*', 'abc', null];
  const start = () =>
    glance(
      names.map((name, index) => makeEntry('x', { id: `11111111-2222-4333-8444-00000000000${String(index)}`, name })),
      [],
      { versions },
    );

  it.each([
    [['UBUNTU'], ['Ubuntu 24.04', 'ubuntu 22.04']],
    [['04', 'ubuntu', '24'], ['Ubuntu 24.04']],
    [['ubuntu*'], ['ubuntu 22.04']],
    [['?buntu*', '24'], ['Ubuntu 24.04']],
    [['[1]'], ['Debian [1] 12']],
    [['a*'], ['a*', 'abc']],
    [['*'], ['Debian [1] 12', 'Ubuntu 24.04', 'a*', 'abc', 'ubuntu 22.04']],
    [['null'], []],
    [['ubuntu', '--limit', '1', '--page-size', '1'], ['Ubuntu 24.04']],
    [['ubuntu', '--name', 'ubuntu 22.04'], ['ubuntu 22.04']],
  ])('%j gives %j', async (words, found) => {
    const server = await start();
    const { code, stdout } = await server.cli(['list', ...words, '-f', 'value', '-c', 'name']);
    expect([code, stdout.split('\n').filter(Boolean)]).toEqual([0, found]);
  });

  it('requests each page once, even without a match on it, and for a table once more for suggestions', async () => {
    const server = await start();
    const listsOf = (): readonly string[] => server.asked().filter((request) => request.includes('/images'));
    expect(await server.cli(['list', 'nothing', '-f', 'json'])).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' });
    const walked = listsOf();
    expect(new Set(walked).size).toBe(walked.length);
    expect(walked.length).toBeLessThanOrEqual(2);
    const { code, stderr } = await server.cli(['list', 'nothing']);
    expect([code, stderr]).toEqual([0, 'no images match\n']);
    expect(listsOf()).toHaveLength(walked.length * 2 + 1);
  });
});

describe('list WORD', () => {
  it.each([[['']], [['ubuntu', ' ']], [['ubuntu', '--compat', 'openstack']]])('is refused as %j', async (words) => {
    const { code } = await runCli(['--endpoint', 'http://127.0.0.1:1', 'list', ...words]);
    expect(code).toBe(2);
  });
});
