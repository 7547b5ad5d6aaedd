// The cost of a start is what it loads: the built program loads nothing that the call does not use. Needs the build.
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { glance } from './support/glance.ts';
import { makeEntry } from './support/images.ts';
import { start, startCli } from './support/spawn-cli.ts';
import { tempDir } from './support/temp-dir.ts';

const program = fileURLToPath(new URL('../bin/glance-cli.js', import.meta.url));
const library = new URL('../dist/index.js', import.meta.url).href;

/** Built-in modules that are slow to load, none of which a plain Node has loaded. */
const heavy = ['child_process', 'http', 'http2', 'https', 'tls', 'worker_threads', 'zlib'];

/** The heavy modules that a call of the program loads. */
async function loadedBy(argv: readonly string[]): Promise<string[]> {
  // In process.argv the first word after the code takes the place of the program's path.
  return await loadedByCode(`require(${JSON.stringify(program)})`, ['glance-cli', ...argv]);
}

async function loadedByCode(script: string, argv: readonly string[] = []): Promise<string[]> {
  const tell = `process.on('exit', () => process._rawDebug(JSON.stringify(process.moduleLoadList)))`;
  const { ended } = start([process.execPath, '-e', `${tell}; ${script}`, ...argv], {}, '/');
  const { code: exit, stderr } = await ended;
  expect(exit).toBe(0);
  const loaded = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as string[];
  return heavy.filter((name) => loaded.includes(`NativeModule ${name}`));
}

test.each([[['--version']], [['version']], [['--help']], [['help', 'download']], [['completion', 'bash']]])(
  '%j loads no modules for network, compression, processes or threads',
  async (argv) => {
    expect(await loadedBy(argv)).toEqual([]);
  },
);

test('show over plain HTTP loads no HTTP/2, no processes, no threads and no compression', async () => {
  const server = await glance([makeEntry('x', { id: '1' })]);
  const loaded = await loadedBy(['--endpoint', server.url.href, 'show', '1']);
  for (const name of ['http2', 'child_process', 'worker_threads', 'zlib']) expect(loaded).not.toContain(name);
});

test('the library loads no HTTP and no processes until it is used', async () => {
  const loaded = await loadedByCode(`import(${JSON.stringify(library)})`);
  for (const name of ['http', 'https', 'http2', 'child_process']) expect(loaded).not.toContain(name);
});

// Node 22.8 and later; an executable contains its code cache already.
const keepsCode = 'enableCompileCache' in nodeModule && (process.env['GLANCE_CLI_BINARY'] ?? '') === '';

describe.skipIf(!keepsCode)("V8's code of the program", () => {
  const run = async (env: Record<string, string>): Promise<number | null> =>
    (await startCli(['--help'], env, '/').ended).code;

  test("is kept among the user's caches, for nobody else to write to", async () => {
    const home = await tempDir();
    expect(await run({ HOME: home })).toBe(0);
    expect(readdirSync(join(home, '.cache', 'glance-cli', 'code'))).toHaveLength(1);
  });

  test('is not cached where others can write', async () => {
    const caches = await tempDir();
    const directory = join(caches, 'glance-cli');
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    expect(await run({ XDG_CACHE_HOME: caches })).toBe(0);
    expect(readdirSync(join(directory, 'code'))).toEqual([]);
  });

  test('is skipped if no directory can be created', async () => {
    const caches = join(await tempDir(), 'not', 'there');
    expect(await run({ XDG_CACHE_HOME: caches })).toBe(0);
    expect(existsSync(caches)).toBe(false);
  });
});
