// The examples, run as the README says. Needs the built program in dist/.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { start } from './support/spawn-cli.ts';

it('runs the example against a server of its own', async () => {
  const root = join(import.meta.dirname, '..');
  const { ended } = start([process.execPath, 'examples/run.mjs'], {}, root);
  const { code, stdout, stderr } = await ended;
  expect([code, stderr]).toEqual([0, '']);
  const text = stdout.toString('utf8');
  const sha256 = createHash('sha256').update(Buffer.alloc(1_048_576)).digest('hex');
  for (const line of ['it is raw and safe', 'downloaded: 1048576 bytes, verified by sha512', `stream: ${sha256}`]) {
    expect(text).toContain(line);
  }
});
