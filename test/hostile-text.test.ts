import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { worlds } from './support/thoroughness.ts';

const script = join(import.meta.dirname, 'support/hostile-text/hostile-text.mjs');

test('reads costly texts in linear time, and without exhausting the stack', async () => {
  const child = spawn(process.execPath, [script, String(worlds(25_000, 100_000))], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = (await once(child, 'close')) as [number | null];
  // The last line is what did not end.
  expect({ last: output.trimEnd().split('\n').at(-1), code, errors }).toEqual({ last: 'done', code: 0, errors: '' });
});
