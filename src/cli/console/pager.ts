// `--pager`: shows results in the user's pager.
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { findVariable } from '../../client/settings.ts';
import { GlanceError } from '../../errors.ts';
import type { Runtime } from '../runtime.ts';

interface Pager {
  readonly input: Writable;
  /**
   * Ends the text, and waits until the reader has seen enough.
   * @throws GlanceError `config.invalid` if it is not a pager
   */
  readonly close: () => Promise<void>;
}

/** Starts the pager on the terminal: `$GLANCE_CLI_PAGER`, or else `$PAGER`, or else `less -FRX`. */
export function openPager(runtime: Runtime): Pager {
  const { env, cwd, platform } = runtime;
  const setting = findVariable(runtime, ['GLANCE_CLI_PAGER', 'PAGER']);
  const { value: command, source } = setting ?? {
    value: platform === 'win32' ? 'more' : 'less -FRX',
    source: 'the usual one',
  };
  // Options for less if the user sets none: exit at once if everything fits, and show colours.
  const child = spawn(command, {
    shell: true,
    cwd: cwd ?? undefined,
    env: { LESS: 'FRX', ...env },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', resolve);
  });
  const close = async (): Promise<void> => {
    child.stdin.end();
    const code = await ended;
    // A shell exits with such a code if it cannot parse or find a command, and a program if it rejects its options.
    if (code === null || code === 0 || code > 128) return;
    throw new GlanceError(
      'config.invalid',
      `the pager does not work: ${source} is "${command}", which exited with ${String(code)}`,
      {
        hint: 'set GLANCE_CLI_PAGER or PAGER to one that works, or leave out --pager',
      },
    );
  };
  return { input: child.stdin, close };
}
