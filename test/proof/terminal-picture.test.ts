// The README's picture of a terminal shows what the program prints. Needs the built program in dist/.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from '../support/spawn-cli.ts';

const root = join(import.meta.dirname, '../..');
// The script(1) of BSD takes other options.
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

test.skipIf(!hasScript)(
  'docs/terminal.svg shows what the program prints (skipped without script of util-linux)',
  async () => {
    const { ended } = start([process.execPath, 'bin/terminal-picture.mjs', '--check'], {}, root);
    const { code, stderr } = await ended;
    expect([stderr, code]).toEqual(['', 0]);
  },
);
