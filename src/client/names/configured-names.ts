// Names from the configuration: of clouds, and of their regions.
import { listCloudNames, listRegionNames } from '../../identity/config/load-cloud.ts';
import type { System } from '../system.ts';

/** Absent: nothing aborts it. */
export interface NamesOptions {
  readonly signal?: AbortSignal;
}

/** The clouds in clouds.yaml and its relatives. @throws GlanceError `config.*`; the signal's reason */
export async function findCloudNames(
  { env, cwd, platform, homedir }: System,
  { signal = new AbortController().signal }: NamesOptions = {},
): Promise<readonly string[]> {
  return await listCloudNames({ env, cwd, platform, homedir, signal });
}

/**
 * The regions that the files name for a cloud; empty if they name none.
 * @param cloud undefined: the one in `OS_CLOUD`, if any
 * @throws as {@link findCloudNames}
 */
export async function findRegionNames(
  { env, cwd, platform, homedir }: System,
  cloud = env['OS_CLOUD'],
  { signal = new AbortController().signal }: NamesOptions = {},
): Promise<readonly string[]> {
  return cloud === undefined ? [] : await listRegionNames({ env, cwd, platform, homedir, signal }, cloud);
}
