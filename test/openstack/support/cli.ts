// The built program against the running stack, with nothing of this machine's environment but PATH.
import { join } from 'node:path';
import { startCli } from '../../support/spawn-cli.ts';
import { runningStack, type Project } from './stack.ts';

export interface CliOptions {
  /** The user whose token it gets. Default: demo's. Null: none. */
  readonly as?: Project | null;
  /** Default: Glance without TLS. Null: none. */
  readonly endpoint?: string | null;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `glance-cli ...argv`. */
export async function glanceCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { as = 'demo', endpoint = runningStack().glance, env = {}, cwd = runningStack().state } = options;
  const { ended } = startCli(
    argv,
    {
      HOME: join(runningStack().state, 'home-of-tests'),
      ...(as === null ? {} : { OS_TOKEN: runningStack().tokens[as] }),
      ...(endpoint === null ? {} : { OS_IMAGE_ENDPOINT_OVERRIDE: endpoint }),
      ...env,
    },
    cwd,
  );
  const { code, stdout, stderr } = await ended;
  return { code, stdout: stdout.toString('utf8'), stderr };
}

/** The last line of stderr, as `--error-format json` prints it. */
export function parseError(result: CliResult): Record<string, unknown> {
  return JSON.parse(result.stderr.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

/**
 * What the program prints with `-f json`.
 * @throws Error if it does not end with 0
 */
export async function printedJson(argv: readonly string[], options?: CliOptions): Promise<unknown> {
  const result = await glanceCli(['-f', 'json', ...argv], options);
  if (result.code !== 0) throw new Error(`exit ${String(result.code)}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}
