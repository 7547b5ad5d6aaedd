// The built program as a separate process: the one in bin/, or the executable that GLANCE_CLI_BINARY names.
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve as absolute } from 'node:path';
import { fileURLToPath } from 'node:url';

const executable = process.env['GLANCE_CLI_BINARY'] ?? '';

/** What starts the program, without arguments. */
const program: readonly string[] =
  executable === ''
    ? [process.execPath, fileURLToPath(new URL('../../bin/glance-cli.js', import.meta.url))]
    : [absolute(executable)];

/** {@link program} for a shell's script. */
export const shellProgram = program.map((word) => `"${word}"`).join(' ');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once stderr holds this text. */
  readonly says: (text: string) => Promise<void>;
}

/** Starts `command` in a shell-free process, with nothing of this machine's environment but PATH, and no home to write to. */
export function start(command: readonly string[], env: Record<string, string>, cwd: string): Running {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env } });
  const stdout: Buffer[] = [];
  let stderr = '';
  const waiting: { text: string; done: () => void }[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
    for (const { text, done } of waiting) if (stderr.includes(text)) done();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout: Buffer.concat(stdout), stderr }));
  });
  const says = (text: string): Promise<void> =>
    new Promise((done) => (stderr.includes(text) ? done() : void waiting.push({ text, done })));
  return { child, ended, says };
}

/** Starts the program. */
export function startCli(argv: readonly string[], env: Record<string, string>, cwd: string): Running {
  return start([...program, ...argv], env, cwd);
}
