// A Glance v1 for the running test, and the program pointed at it.
import { onTestFinished } from 'vitest';
import type { CatalogImage } from '../../src/server/images/catalog.ts';
import { v1Versions } from '../../src/server/versions.ts';
import { type Fault, type FaultyServer, type FaultyServerOptions, startFaultyServer } from './faults.ts';
import { type CliOptions, type CliResult, runCli } from './run-cli.ts';

export interface Glance extends FaultyServer {
  /** Runs `glance-cli ...argv` with this server as the endpoint. */
  readonly cli: (argv: readonly string[], options?: CliOptions) => Promise<CliResult>;
  /** Method and path of every request so far. */
  readonly asked: () => string[];
}

/** Starts one with these images and the given faults. */
export async function glance(
  catalog: readonly CatalogImage[],
  faults: readonly Fault[] = [],
  options: Partial<FaultyServerOptions> = {},
): Promise<Glance> {
  const server = await startFaultyServer({ catalog, faults, versions: v1Versions, ...options });
  onTestFinished(() => server.close());
  const cli: Glance['cli'] = (argv, run = {}) =>
    runCli(argv, { ...run, env: { OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href, ...run.env } });
  return { ...server, cli, asked: () => server.requests.map(({ method, path }) => `${method} ${path}`) };
}
