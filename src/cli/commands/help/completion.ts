import { completionScript, type Shell } from '../../../docs/completion/shells.ts';
import type { Context } from '../../context.ts';

/** `completion <shell>`: a script that a shell evaluates. */
export async function completion(context: Context, shell: Shell): Promise<void> {
  await context.printText(completionScript(shell));
}
