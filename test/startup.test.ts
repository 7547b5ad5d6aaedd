// What a start costs is what it loads: the built program brings nothing along that the call does not use. Needs the build.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { glance } from './support/glance.ts';
import { makeEntry } from './support/images.ts';
import { start } from './support/spawn-cli.ts';

const program = fileURLToPath(new URL('../bin/glance-cli.js', import.meta.url));

/** Built-in modules that take long to load, of which a plain Node has loaded none. */
const heavy = ['child_process', 'http', 'http2', 'https', 'tls', 'worker_threads', 'zlib'];

/** The heavy modules that a call of the program loads. */
async function loadedBy(argv: readonly string[]): Promise<string[]> {
  const tell = `process.on('exit', () => process._rawDebug(JSON.stringify(process.moduleLoadList)))`;
  const code = `${tell}; require(${JSON.stringify(program)})`;
  // Of what follows the code the first word stands where the program's path would.
  const { ended } = start([process.execPath, '-e', code, 'glance-cli', ...argv], {}, '/');
  const { code: exit, stderr } = await ended;
  expect(exit).toBe(0);
  const loaded = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as string[];
  return heavy.filter((name) => loaded.includes(`NativeModule ${name}`));
}

test.each([[['--version']], [['--help']], [['help', 'download']], [['completion', 'bash']]])(
  '%j loads nothing of the network, of compression, of threads',
  async (argv) => {
    expect(await loadedBy(argv)).toEqual([]);
  },
);

test('show over plain HTTP loads no TLS, no HTTP/2, no threads', async () => {
  const server = await glance([makeEntry('x', { id: '1' })]);
  expect(await loadedBy(['--endpoint', server.url.href, 'show', '1'])).toEqual([]);
});
