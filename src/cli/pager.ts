// `--pager`: results through the user's pager.
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { GlanceError } from '../errors.ts';
import type { Runtime } from './runtime.ts';
import { findSetting } from './settings.ts';

export interface Pager {
  readonly input: Writable;
  /** Ends the text and waits until the reader has seen enough. @throws GlanceError `config.invalid` if there is no such program */
  readonly close: () => Promise<void>;
}

/** What a shell ends with if a command is no program, or is none there. */
const notRun = new Set([126, 127]);

/** Starts the pager on the terminal: `$GLANCE_CLI_PAGER`, else `$PAGER`, else `less -FRX`. */
export function openPager(runtime: Runtime): Pager {
  const { env, cwd, platform } = runtime;
  const setting = findSetting(runtime, [], ['GLANCE_CLI_PAGER', 'PAGER']);
  const command = setting?.value ?? (platform === 'win32' ? 'more' : 'less -FRX');
  // What less is told if the user tells it nothing: end at once if all fits, pass colours on.
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
    if (code === null || !notRun.has(code)) return;
    throw new GlanceError('config.invalid', `the pager cannot be run: ${command}`, {
      hint: 'set GLANCE_CLI_PAGER or PAGER to one that can, or leave out --pager',
    });
  };
  return { input: child.stdin, close };
}
