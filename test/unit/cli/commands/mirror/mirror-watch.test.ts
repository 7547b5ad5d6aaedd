// mirror --watch: round after round, and a line only when something changes.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../../../src/clock.ts';
import { Interrupted } from '../../../../../src/cli/runtime.ts';
import type { Fault } from '../../../../support/faults.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import type { CliResult } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const catalog = ['1', '2'].map((id) => makeEntry(id.repeat(5000), { id, name: `image ${id}`, disk_format: 'raw' }));
const pauseMs = 7777;

interface Watched extends CliResult {
  readonly index: string | null;
}

/** Runs that many rounds, without the pauses between them, and then interrupts it. */
async function watchRounds(rounds: number, faults: readonly Fault[], ...more: readonly string[]): Promise<Watched> {
  const [cwd, server] = [await tempDir(), await glance(catalog, faults)];
  const controller = new AbortController();
  let round = 0;
  const clock: Clock = {
    ...systemClock,
    startTimer(delayMs, onTime) {
      if (delayMs !== pauseMs) return systemClock.startTimer(delayMs, onTime);
      if (++round >= rounds) controller.abort(new Interrupted('SIGINT'));
      const immediate = setImmediate(onTime);
      return () => clearImmediate(immediate);
    },
  };
  const argv = ['mirror', 'm', '--watch', String(pauseMs / 1000), '--retries', '0', '--progress', 'none', ...more];
  const result = await server.cli(argv, { cwd, clock, signal: controller.signal });
  return { ...result, index: await readFile(join(cwd, 'm/index.json'), 'utf8').catch(() => null) };
}

const down = (times: number, after = 0): Fault => ({
  on: { path: /detail/, after, times },
  do: { type: 'status', status: 503 },
});

describe('mirror --watch', () => {
  it('says what it did, and then nothing while nothing changes', async () => {
    const { code, stdout, stderr } = await watchRounds(5, []);
    expect(code).toBe(130);
    expect(stdout.match(/^new /gm)).toHaveLength(2);
    expect(stderr).toBe('2 fetched, 0 records updated, 0 unchanged, 0 gone, 0 failed\nstopped by SIGINT\n');
  });

  it('reports trouble once, however long it lasts, and once that it is over', async () => {
    const { stderr } = await watchRounds(9, [down(4, 2)]);
    expect(stderr.split('\n')).toEqual([
      '2 fetched, 0 records updated, 0 unchanged, 0 gone, 0 failed',
      expect.stringMatching(/^error: .*503.* \[http\.503\]$/),
      'it works again',
      'stopped by SIGINT',
      '',
    ]);
  });

  it('starts while the network is down, and mirrors once it is up', async () => {
    const { stderr, index } = await watchRounds(4, [{ on: { times: 2 }, do: { type: 'reset', afterBytes: null } }]);
    expect(stderr).toMatch(/^error: .*\n2 fetched, .*\nit works again\nstopped by SIGINT\n$/);
    expect(index).toContain('"file":"2/2.raw"');
  });

  it('keeps trying images that fail, and reports them once', async () => {
    const faults: Fault[] = [{ on: { path: /images\/2$/ }, do: { type: 'status', status: 403 } }];
    const { stdout, stderr, index } = await watchRounds(4, faults);
    expect(stdout.match(/^failed /gm)).toHaveLength(1);
    expect(stderr.match(/1 of 2 images failed \[partial\]/g)).toHaveLength(1);
    expect(index).toContain('"file":"1/1.raw"');
  });

  it('exits at once if it is called wrongly', async () => {
    const denied: Fault = { do: { type: 'status', status: 401 } };
    expect((await watchRounds(4, [denied])).code).toBe(4);
    expect((await watchRounds(4, [], '--tag', 'x')).code).toBe(2);
  });
});
