// What goes to which stream, in which form, and what happens if a stream is closed, full, or no longer read.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../src/cli/runtime.ts';
import { writeQcow2 } from '../../../examples/demo/images/qcow2.ts';
import { v2Versions } from '../../../src/server/versions.ts';
import { glance, type Glance } from '../../support/glance.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { fetchHttp } from '../../support/servers/raw-client.ts';
import { type CliOptions, runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const unsafe = writeQcow2({ size: 1_048_576, pieces: [] }, { backingFile: '/etc/passwd', backingFormat: 'raw' });
const catalog = [
  makeEntry(makeBytes(5000), { id: '1', name: 'one', disk_format: 'raw' }, [{ member_id: 'p', can_share: true }]),
  makeEntry('no digest', { id: '2', name: 'two\nlines', checksum: null, disk_format: 'raw' }),
  makeEntry(unsafe, { id: '3', name: 'three', disk_format: 'qcow2' }),
];

/** A place with a file, a mirror that is intact, and one with a damaged file. */
async function scene(server: Glance): Promise<string> {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'a.raw'), 'data');
  for (const name of ['whole', 'broken']) {
    expect((await server.cli(['mirror', name], { cwd })).code).toBe(0);
  }
  await writeFile(join(cwd, 'broken', '1', '1.raw'), makeBytes(4000));
  await mkdir(join(cwd, 'empty'));
  return cwd;
}

const parseLines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('with --progress json every line of stderr is JSON', () => {
  const cases: readonly (readonly [argv: string, code: number, message: string])[] = [
    ['download 1 -o f', 0, 'md5 verified'],
    ['download 1 2 -o d/', 0, 'md5 verified'],
    ['download 1 nope -o d/', 9, 'no image has the name or id nope'],
    ['download 2', 0, 'not verified'],
    ['download 1 -o f --debug', 0, '> HEAD '],
    ['list --name nothing', 0, 'no images match'],
    ['members 2', 0, 'shared with nobody'],
    ['inspect --all', 11, '1 unsafe'],
    ['mirror m', 0, ' unchanged'],
    ['mirror m --dry-run', 0, ' unchanged'],
    ['verify whole', 0, '3 images good'],
    ['verify broken', 6, '2 images good'],
    ['logout', 0, 'there were no cached tokens'],
    ['show nope', 3, 'nope'],
    ['show', 2, 'no image is named'],
    ['--nope', 2, '--nope'],
    ['lst', 2, 'lst'],
    ['', 2, 'no command is given'],
  ];

  it.each(cases)('glance-cli %s', async (argv, code, message) => {
    const server = await glance(catalog);
    const cwd = argv.startsWith('verify') ? await scene(server) : await tempDir();
    const result = await server.cli(['--progress', 'json', ...argv.split(' ').filter(Boolean)], { cwd, homedir: cwd });
    expect(result.code).toBe(code);
    const lines = parseLines(result.stderr);
    expect(lines.map(({ message: text }) => text).join('\n')).toContain(message);
    for (const line of lines) expect(line).toHaveProperty(typeof line['exit'] === 'number' ? 'code' : 'event');
  });

  it('even in a run that a signal ends', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog, [
      { on: { method: 'GET', path: /\/1$/ }, do: { type: 'stall', afterBytes: 10 } },
    ]);
    const controller = new AbortController();
    const running = server.cli(['--progress', 'json', 'download', '1', '2', '-o', 'd/'], {
      cwd,
      signal: controller.signal,
    });
    await server.stalled;
    controller.abort(new Interrupted('SIGTERM'));
    const { code, stderr } = await running;
    expect([code, parseLines(stderr).at(-1)?.['code']]).toEqual([143, 'interrupted']);
  });

  it('of serve: what it was asked, and what it warns of', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'a.raw'), 'data');
    const controller = new AbortController();
    const { stdout, listening } = firstLine();
    const running = runCli(['--progress', 'json', 'serve', '.', '--port', '0'], {
      cwd,
      stdout,
      signal: controller.signal,
    });
    await fetchHttp(new URL('v2/images', await listening));
    controller.abort(new Interrupted('SIGTERM'));
    const { stderr } = await running;
    expect(parseLines(stderr)[0]).toMatchObject({
      event: 'note',
      message: expect.stringContaining('GET /v2/images 200 ') as unknown,
    });
  });

  it('of serve: what it was asked, without its own token', async () => {
    const cwd = await tempDir();
    const token = 'a-token/of+serve';
    await writeFile(join(cwd, 'token'), token);
    const controller = new AbortController();
    const { stdout, listening } = firstLine();
    const argv = ['serve', '.', '--port', '0', '--token-file', 'token'];
    const running = runCli(argv, { cwd, stdout, signal: controller.signal });
    const base = await listening;
    for (const text of [token, encodeURIComponent(token)]) {
      await fetchHttp(new URL(`v2/images?name=${text}`, base));
    }
    controller.abort(new Interrupted('SIGTERM'));
    const { stderr } = await running;
    expect(stderr.match(/GET \/v2\/images\?name=\*\*\* 401 /g)).toHaveLength(2);
    expect(stderr).not.toContain('of+serve');
  });
});

it('a command mistaken for the value of an option leaves help intact', async () => {
  const { code, stderr } = await runCli(['--endpoint', 'doctor']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^ {2}list\|ls \[options\] \[word\.\.\.\] +list images$/m);
  expect(stderr).toBe((await runCli([])).stderr);
});

it("a stranger's text is one line for people, and unchanged in JSON", async () => {
  const id = '11111111-1111-4111-8111-111111111111';
  const image = makeEntry(unsafe, { id, name: 'two\nlines', disk_format: 'qcow2' });
  const server = await glance([image], [], { versions: v2Versions });
  const people = await server.cli(['download', id]);
  expect(people.stderr).toMatch(/^warning: two\\x0alines is not safe .*\n/);
  const program = await server.cli(['download', id, '--progress', 'json']);
  const message = expect.stringMatching(/^two\nlines is not safe /) as unknown;
  expect(parseLines(program.stderr)).toContainEqual(expect.objectContaining({ event: 'warning', message }));
});

/** A stdout whose first chunk is a URL. */
function firstLine(): { stdout: Writable; listening: Promise<string> } {
  let tell: (text: string) => void = () => undefined;
  const listening = new Promise<string>((resolve) => (tell = resolve));
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      tell(chunk.toString().trim());
      done();
    },
  });
  return { stdout, listening };
}

/** A stdout on which every write fails with this error. */
function failing(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code })),
  });
}

/** Verbs that print something; how each ends if all is well, without a stdout, and if its reader leaves at once. */
const printing: readonly (readonly [argv: string, well: number, closed?: number, left?: number])[] = [
  ['list', 0],
  ['list -f json', 0],
  ['list -f csv --compat openstack', 0],
  ['show 1', 0],
  ['members 1', 0],
  ['inspect a.raw', 0],
  ['inspect 1 -f json', 0],
  // Damage and unsafe images take precedence; a list shows them only as far as it is read.
  ['inspect 3', 11, 11],
  ['inspect --all', 11],
  ['inspect --all -f ndjson', 11, 8, 141],
  ['doctor', 0],
  ['completion bash', 0],
  ['help', 0],
  ['help list', 0],
  ['help formats', 0],
  ['--help', 0],
  ['list --help', 0],
  ['--version', 0],
  ['verify a.raw --expect md5:8d777f385d3dfec8815d20f7496026dc', 0],
  ['verify a.raw --expect md5:00000000000000000000000000000000', 6, 6],
  ['verify whole -f ndjson', 0, 8, 141],
  ['verify broken -f ndjson --jobs 1', 6, 8],
  ['mirror m --dry-run', 0],
  ['mirror m', 0],
];

describe('where stdout', () => {
  /** How each verb ends, and with which error. */
  const endAll = async (
    options: () => CliOptions,
  ): Promise<(readonly [argv: string, code: number, error: unknown])[]> => {
    const server = await glance(catalog);
    const cwd = await scene(server);
    const ends: (readonly [string, number, unknown])[] = [];
    for (const [argv] of printing) {
      const words = [...argv.split(' '), '--error-format', 'json'];
      const result = await server.cli(words, { cwd, homedir: cwd, ...options() });
      ends.push([argv, result.code, result.code === 0 || result.code === 141 ? null : result.error()['code']]);
    }
    return ends;
  };

  it('is closed, nothing that prints succeeds', async () => {
    const ends = await endAll(() => ({ isStdoutClosed: true }));
    expect(ends.map(([argv, code]) => [argv, code])).toEqual(printing.map(([argv, , closed]) => [argv, closed ?? 8]));
    for (const [argv, code, error] of ends) if (code === 8) expect([argv, error]).toEqual([argv, 'io.closed']);
  });

  it('is full, nothing that prints succeeds', async () => {
    const ends = await endAll(() => ({ stdout: failing('ENOSPC') }));
    // Output that is printed before the verdict is known does not change the verdict.
    const others = ends.filter(([argv, code]) => code === 0 || code !== printing.find(([each]) => each === argv)?.[1]);
    expect(others.length).toBeGreaterThan(15);
    expect(others).toEqual(others.map(([argv]) => [argv, 8, 'io.nospace']));
  });

  it('is no longer read, everything ends quietly with its usual code', async () => {
    const ends = await endAll(() => ({ stdout: failing('EPIPE') }));
    expect(ends.map(([argv, code]) => [argv, code])).toEqual(
      printing.map(([argv, well, , left]) => [argv, left ?? well]),
    );
  });

  it('is closed or full, serve exits', async () => {
    for (const options of [{ isStdoutClosed: true }, { stdout: failing('ENOSPC') }]) {
      const result = await runCli(['serve', '.', '--port', '0'], { cwd: await tempDir(), ...options });
      expect(result.code).toBe(8);
    }
  });
});
