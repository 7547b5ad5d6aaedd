import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../support/temp-dir.ts';

const original = fileURLToPath(new URL('../../../../bin/demo.mjs', import.meta.url));

/** Starts a copy of bin/demo.mjs in a package where `dist/demo/demo.js` is this, or is not there. */
async function startBin(demo?: string): Promise<ChildProcessByStdio<null, Readable, Readable>> {
  const root = await tempDir();
  await mkdir(join(root, 'bin'));
  await mkdir(join(root, 'dist', 'demo'), { recursive: true });
  await copyFile(original, join(root, 'bin', 'demo.mjs'));
  await writeFile(join(root, 'package.json'), '{ "type": "module" }');
  await writeFile(join(root, 'dist', 'clock.js'), 'export const systemClock = {};');
  if (demo !== undefined) await writeFile(join(root, 'dist', 'demo', 'demo.js'), demo);
  return spawn(process.execPath, [join(root, 'bin', 'demo.mjs')], { stdio: ['ignore', 'pipe', 'pipe'] });
}

const untilStopped = `export const runDemo = ({ stdout, signal }) => new Promise((resolve) => {
  const timer = setInterval(() => stdout.write('running\\n'), 10);
  signal.addEventListener('abort', () => { clearInterval(timer); resolve(1); });
});`;

describe('bin/demo.mjs', () => {
  it('says in one sentence what to do if the program is not built, and exits 2', async () => {
    const child = await startBin();
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^demo: the program is not built yet; run `npm run build` first.*\n$/);
  });

  it.each([0, 1])("exits with the demo's own status: %i", async (status) => {
    const child = await startBin(`export const runDemo = async () => ${String(status)};`);
    expect(await once(child, 'close')).toEqual([status, null]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('on %s lets the demo clean up, then exits %i', async (signal, status) => {
    const child = await startBin(untilStopped);
    await once(child.stdout, 'data');
    child.kill(signal);
    child.stdout.resume();
    expect(await once(child, 'close')).toEqual([status, null]);
  });

  it('stops when its reader hangs up', async () => {
    const child = await startBin(untilStopped);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await once(child, 'close')).toEqual([1, null]);
  });
});
