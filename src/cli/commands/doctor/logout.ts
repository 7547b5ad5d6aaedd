import { countOf } from '../../../count.ts';
import { TokenCache, tokenCacheDirectory } from '../../../identity/token-cache.ts';
import type { Context } from '../../context.ts';
import { clearNames } from '../../completion/name-cache.ts';

/** `logout`: drops the tokens that earlier runs kept. */
export async function logout(context: Context): Promise<void> {
  const { env, homedir, uid, clock } = context.runtime;
  const directory = tokenCacheDirectory(env, homedir);
  const cache = new TokenCache({ directory, uid, now: () => clock.wallTime() });
  await clearNames(context.runtime);
  const count = await cache.clear();
  context.note(count === 0 ? 'no tokens were kept' : `dropped the tokens of ${countOf(count, 'login')}`);
}
