// Logging out: what earlier runs kept is taken away.
import { TokenCache, tokenCacheDirectory } from '../../identity/token-cache.ts';
import { clearNames } from './kept-names.ts';
import type { System } from '../system.ts';

/**
 * Takes away the tokens that runs with `tokenCache` and commands kept in the user's cache, and the names of images.
 * @param system whose cache: that of `systemOf(process)`
 * @returns the number of logins whose tokens they were
 */
export async function logOut(system: System): Promise<number> {
  const { env, homedir, uid, clock } = system;
  const directory = tokenCacheDirectory(env, homedir);
  const cache = new TokenCache({ directory, uid, now: () => clock.wallTime() });
  await clearNames(system);
  return await cache.clear();
}
