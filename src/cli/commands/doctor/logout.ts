import { logOut } from '../../../client/names/logout.ts';
import { countOf } from '../../../text/count.ts';
import type { Context } from '../../context.ts';

/** `logout`: drops the tokens that earlier runs kept. */
export async function logout(context: Context): Promise<void> {
  const count = await logOut(context.runtime);
  context.note(count === 0 ? 'there were no cached tokens' : `removed the tokens of ${countOf(count, 'login')}`);
}
