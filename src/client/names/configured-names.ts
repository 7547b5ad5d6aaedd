// Names that the configuration has: of clouds, and of their regions.
import { listCloudNames, listRegionNames } from '../../identity/config/load-cloud.ts';
import type { System } from '../system.ts';

/** Absent: nothing ends it. */
export interface NamesOptions {
  readonly signal?: AbortSignal;
}

/** The clouds of clouds.yaml and its companions. @throws GlanceError `config.*`; the signal's reason */
export async function findCloudNames(
  { env, cwd, platform, homedir }: System,
  { signal = new AbortController().signal }: NamesOptions = {},
): Promise<readonly string[]> {
  return await listCloudNames({ env, cwd, platform, homedir, signal });
}

/**
 * The regions that the files name for a cloud; none where they do not say.
 * @param cloud undefined: the one that `OS_CLOUD` names, if any
 * @throws as {@link findCloudNames}
 */
export async function findRegionNames(
  { env, cwd, platform, homedir }: System,
  cloud = env['OS_CLOUD'],
  { signal = new AbortController().signal }: NamesOptions = {},
): Promise<readonly string[]> {
  return cloud === undefined ? [] : await listRegionNames({ env, cwd, platform, homedir, signal }, cloud);
}
