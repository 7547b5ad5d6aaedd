// What the demo needs from outside. bin/demo.mjs provides the real one, tests their own.
import type { Writable } from 'node:stream';
import type { Clock } from '../../src/clock.ts';

export interface DemoWorld {
  /** Environment variables that the commands start from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Aborted when the demo is to stop; it then cleans up and ends. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Absolute path of the Node that runs glance-cli. */
  readonly nodePath: string;
  /** Absolute path of bin/glance-cli.js. */
  readonly programPath: string;
  /** An existing directory, in which the demo creates one of its own and removes it again. */
  readonly temporaryDirectory: string;
}

/**
 * The environment for glance-cli: without the user's settings for a cloud of their own, whose token would otherwise be sent to
 * the demo's server, and without proxies, which cannot reach this machine's loopback. Nothing is kept in the user's home.
 */
export function makeChildEnv(
  env: DemoWorld['env'],
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !/^OS_|_proxy$/i.test(name)) kept[name] = value;
  }
  return { ...kept, NODE_DISABLE_COMPILE_CACHE: '1', ...more };
}
