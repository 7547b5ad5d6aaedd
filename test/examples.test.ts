// The examples, run as the README says. Needs the built program in dist/.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { start } from './support/spawn-cli.ts';

const root = join(import.meta.dirname, '..');

it('runs the example that downloads against a server of its own', async () => {
  const { ended } = start([process.execPath, 'examples/run.mjs', 'download'], {}, root);
  const { code, stdout, stderr } = await ended;
  expect([code, stderr]).toEqual([0, '']);
  const text = stdout.toString('utf8');
  const sha256 = createHash('sha256').update(Buffer.alloc(1_048_576)).digest('hex');
  for (const line of ['it is raw and safe', 'downloaded: 1048576 bytes, verified by sha512', `stream: ${sha256}`]) {
    expect(text).toContain(line);
  }
});

it('runs the example that audits and prints SARIF', async () => {
  const { ended } = start([process.execPath, 'examples/run.mjs', 'audit'], {}, root);
  const { code, stdout, stderr } = await ended;
  expect([code, stderr]).toEqual([0, '1 of 2 images are unsafe\n']);
  const { version, runs } = JSON.parse(stdout.toString('utf8')) as { version: string; runs: readonly object[] };
  expect([version, runs.length]).toEqual(['2.1.0', 1]);
  expect(runs[0]).toMatchObject({
    tool: { driver: { name: 'glance-cli' } },
    results: [{ ruleId: 'backing_file', message: { text: expect.stringMatching(/^unsafe: .*passwd/) as string } }],
    invocations: [{ executionSuccessful: true }],
  });
});

it('runs the example that mirrors what is safe, and leaves out what is not', async () => {
  const { ended } = start([process.execPath, 'examples/run.mjs', 'mirror'], {}, root);
  const { code, stdout, stderr } = await ended;
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.toString('utf8').split('\n');
  expect(lines).toHaveLength(6);
  expect(lines).toEqual(
    expect.arrayContaining([
      '2 of 2 images to fetch',
      expect.stringMatching(/^\S+: 1048576 bytes$/),
      'new: blank',
      expect.stringMatching(/^failed: unsafe, .*\[unsafe\.image\]$/),
      expect.stringMatching(/^\S+\.raw is ok$/),
    ]),
  );
});
