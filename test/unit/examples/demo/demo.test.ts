import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runDemo } from '../../../../examples/demo/demo.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const standIn = fileURLToPath(new URL('stand-in.js', import.meta.url));

/** Keeps what is written, and notifies whoever waits for it. */
class Recorder extends Writable {
  text = '';
  readonly #waiting: { readonly part: string; readonly onFound: () => void }[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.text += chunk.toString();
    for (const { part, onFound } of this.#waiting) if (this.text.includes(part)) onFound();
    callback();
  }

  /** Resolves when `part` has been written. */
  waitFor(part: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ part, onFound: resolve });
      if (this.text.includes(part)) resolve();
    });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Real for short waits between looks, because another process is being watched. */
class PolledClock extends ManualClock {
  override startTimer(delayMs: number, onTime: () => void): () => void {
    if (delayMs >= 1000) return super.startTimer(delayMs, onTime);
    const timer = setTimeout(onTime, delayMs);
    return () => clearTimeout(timer);
  }
}

/** Starts the demo with the stand-in, in a directory of its own. */
async function startDemo(env: Readonly<Record<string, string>> = {}, programPath = standIn) {
  const [temporaryDirectory, notes] = await Promise.all([tempDir(), tempDir()]);
  const pidFile = join(notes, 'pid');
  const controller = new AbortController();
  const clock = new PolledClock();
  const [stdout, stderr] = [new Recorder(), new Recorder()];
  const exit = runDemo({
    env: { PID_FILE: pidFile, ...env },
    stdout,
    stderr,
    signal: controller.signal,
    clock,
    nodePath: process.execPath,
    programPath,
    temporaryDirectory,
  });
  /** Asserts that the directory is gone, and the server with it. */
  const expectClean = async (): Promise<void> => {
    expect(await readdir(temporaryDirectory)).toEqual([]);
    expect(existsSync(pidFile) && isRunning(Number(await readFile(pidFile, 'utf8')))).toBe(false);
  };
  return { exit, stdout, stderr, controller, clock, expectClean };
}

describe('runDemo', () => {
  it('shows each command line before its output, verifies, and leaves nothing behind', async () => {
    const ownCloud = { OS_TOKEN: 'secret', OS_CLOUD: 'mine', OS_IMAGE_URL: 'http://example.com' };
    const { exit, stdout, stderr, expectClean } = await startDemo(ownCloud);
    expect(await exit).toBe(0);
    expect(stderr.text).toBe('');
    const commands = stdout.text.split('\n').filter((line) => line.startsWith('$ '));
    expect(commands.slice(1)).toEqual([
      '$ glance-cli serve catalog --port 0 --v1-style document &',
      '$ glance-cli --endpoint http://127.0.0.1:9/ list',
      '$ export OS_IMAGE_ENDPOINT_OVERRIDE=http://127.0.0.1:9/',
      '$ glance-cli show 1',
      '$ glance-cli show 1 -f json -c id -c name -c size -c checksum',
      '$ glance-cli inspect 2',
      '$ glance-cli inspect --all',
      '$ glance-cli download 1 -o ubuntu.raw --limit-rate 8M',
      '$ glance-cli download 1 -o ubuntu.raw --limit-rate 8M',
      '$ glance-cli verify ubuntu.raw 1',
      '$ glance-cli download 2 -o images/',
      '$ glance-cli download 1 | md5sum',
      '$ glance-cli download 6 -o damaged.raw',
    ]);
    expect(stdout.text).toContain('$ glance-cli show 1\nname: Ubuntu 10.04 Plain\n');
    expect(stdout.text).toContain('| md5sum\n620784770ecfffd0c5f1071e7a206634  -\n');
    // The commands get the demo's endpoint, and nothing of the user's own cloud.
    expect(stdout.text).toContain('\nOS_: OS_IMAGE_ENDPOINT_OVERRIDE\n');
    expect(stdout.text).toContain('--limit-rate 8M\n(exit 130)\n');
    expect(stdout.text).toMatch(/\n# 11 commands, .*\n(?:node bin\/glance-cli\.js .* # .*\n){3}$/);
    await expectClean();
  });

  it.each([
    [
      'a cut file, a wrong bit in a pipe, wrong JSON, nothing kept, and a damaged image that is accepted',
      {
        'cuts-file': 'ubuntu.raw has 8388607 bytes, the catalog says 8388608',
        'flips-bit': 'download 1: what came through the pipe has the MD5 ',
        'wrong-json': 'show 1 -f json -c id -c name -c size -c checksum: show -f json says size 1, the catalog 8388608',
        'forgets-part': '8M: nothing was kept of what had arrived',
        'accepts-damage': 'download 6 -o damaged.raw: it ended with 0 instead of 6',
      },
    ],
    [
      'a name that comes before its data, and a part that is left',
      {
        'names-part': '8M: ubuntu.raw is there, though its download was',
        'leaves-part': '.damaged.raw.part was left in ',
      },
    ],
  ])('fails because of %s, and reports each', async (_what, complaints: Readonly<Record<string, string>>) => {
    const { exit, stdout, stderr, expectClean } = await startDemo({ FAULT: Object.keys(complaints).join() });
    expect(await exit).toBe(1);
    for (const complaint of Object.values(complaints)) expect(stderr.text).toContain(complaint);
    expect(stdout.text).not.toContain('What to try next');
    await expectClean();
  });
});

describe('runDemo, when a process ends too soon or not at all', () => {
  it("fails with the server's own words if the server does not start", async () => {
    const { exit, stderr, expectClean } = await startDemo({ FAULT: 'server-ends' });
    expect(await exit).toBe(1);
    expect(stderr.text).toBe('demo: the server ended with 8:\nerror: catalog: something about it\n');
    await expectClean();
  });

  it('fails if there is no program to run', async () => {
    const { exit, stderr, expectClean } = await startDemo({}, join(await tempDir(), 'missing.js'));
    expect(await exit).toBe(1);
    expect(stderr.text).toContain('demo: the server ended with 1:');
    await expectClean();
  });

  it('does not wait for ever for a server that never prints its URL', async () => {
    const { exit, stderr, clock, expectClean } = await startDemo({ FAULT: 'server-silent' });
    await clock.waitForTimer(30_000);
    clock.advance(30_000);
    expect(await exit).toBe(1);
    expect(stderr.text).toContain('demo: the server did not say where it listens');
    await expectClean();
  });

  it('does not wait for ever for a command, and continues with the next', async () => {
    const { exit, stdout, stderr, clock, expectClean } = await startDemo({ FAULT: 'hangs' });
    await stderr.waitFor('still here');
    clock.advance(60_000);
    await stdout.waitFor('$ glance-cli show 1 -f json');
    await clock.waitForTimer(60_000);
    clock.advance(60_000);
    expect(await exit).toBe(1);
    expect(stderr.text).toContain('glance-cli show 1: it ended with SIGTERM instead of 0');
    await expectClean();
  });

  it('stops a server that ignores SIGTERM', async () => {
    const { exit, clock, expectClean } = await startDemo({ FAULT: 'server-deaf' });
    await clock.waitForTimer(5000);
    clock.advance(5000);
    expect(await exit).toBe(0);
    await expectClean();
  });

  it('stops in the middle of a command when it is told to, and cleans up', async () => {
    const { exit, stderr, controller, expectClean } = await startDemo({ FAULT: 'hangs' });
    await stderr.waitFor('still here');
    controller.abort();
    expect(await exit).toBe(1);
    expect(stderr.text).toContain('demo: stopped, cleaning up\n');
    await expectClean();
  });

  it('stops before it starts', async () => {
    const { exit, stdout, controller, expectClean } = await startDemo();
    controller.abort();
    expect(await exit).toBe(1);
    expect(stdout.text).not.toContain('list');
    await expectClean();
  });
});
