// Logs out: removes what earlier runs kept.
import { TokenCache, tokenCacheDirectory } from '../../identity/token-cache.ts';
import { clearNames } from './kept-names.ts';
import type { System } from '../system.ts';

/**
 * Removes the tokens that commands, and programs with `tokenCache`, kept in the user's cache, and the names of images.
 * @param system whose cache: that of `systemOf(process)`
 * @returns the number of logins whose tokens were removed
 */
export async function logOut(system: System): Promise<number> {
  const { env, homedir, uid, clock } = system;
  const directory = tokenCacheDirectory(env, homedir);
  const cache = new TokenCache({ directory, uid, now: () => clock.wallTime() });
  await clearNames(system);
  return await cache.clear();
}
