// What a start costs is what it loads: the built program brings nothing along that the call does not use. Needs the build.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { glance } from './support/glance.ts';
import { makeEntry } from './support/images.ts';
import { start } from './support/spawn-cli.ts';
import { tempDir } from './support/temp-dir.ts';

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

describe("V8's compiled code", () => {
  const built = join(program, '..', '..', 'dist', 'program');
  const codeName = join('code', `${process.version}-${process.arch}`);
  const loader = fileURLToPath(new URL('../bin/packaging/loader.cjs', import.meta.url));

  test('is there for what most calls load, and is taken by the Node that made it', async () => {
    const names = readdirSync(join(built, codeName));
    expect(names).toEqual(expect.arrayContaining(['start.js', 'glance.js']));
    const script = `
      const fs = require('node:fs');
      const [loader, built, code, ...names] = process.argv.slice(1);
      const read = (name) => ({
        path: built + '/' + name,
        source: fs.readFileSync(built + '/' + name, 'utf8'),
        code: names.includes(name) ? fs.readFileSync(code + '/' + name) : undefined,
      });
      const taken = [];
      const load = require(loader).createLoader(read, require, (name, script) => {
        if (script.cachedDataRejected === false) taken.push(name);
      });
      names.forEach(load);
      console.log(JSON.stringify(taken));`;
    const { ended } = start([process.execPath, '-e', script, loader, built, join(built, codeName), ...names], {}, '/');
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([0, '']);
    expect((JSON.parse(stdout.toString()) as string[]).toSorted()).toEqual(names.toSorted());
  });

  test('is left alone where the file has changed since, even if its length has not, or is cut off itself', async () => {
    const copy = await tempDir();
    cpSync(join(program, '..', '..'), copy, { recursive: true, filter: isOfProgram, preserveTimestamps: true });
    const version = async (): Promise<unknown[]> => {
      const { ended } = start([process.execPath, join(copy, 'bin/glance-cli.js'), '--help'], {}, '/');
      const { code, stdout } = await ended;
      return [code, stdout.toString().split('\n')[0]];
    };
    const source = join(copy, 'dist/program/start.js');
    expect(await version()).toEqual([0, 'Usage: glance-cli [options] [command]']);
    const changed = readFileSync(source, 'utf8').replace('"Usage:"', '"USAGE:"');
    writeFileSync(source, changed);
    expect(await version()).toEqual([0, 'USAGE: glance-cli [options] [command]']);
    const code = join(copy, 'dist/program', codeName, 'start.js');
    writeFileSync(code, readFileSync(code).subarray(0, 5000));
    expect(await version()).toEqual([0, 'USAGE: glance-cli [options] [command]']);
  });
});

/** Of the repository what running the program takes. */
function isOfProgram(path: string): boolean {
  return !/(?:^|[/\\])(?:node_modules|\.git|src|test|build|bench|man|coverage)$/.test(path);
}
