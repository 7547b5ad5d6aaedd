// Progress on stderr, as the options and the terminal say.
import { createProgress } from '../output/progress/progress.ts';
import type { Progress } from '../output/progress/consumer.ts';
import type { Context } from './context.ts';

/** Progress of a command that transfers. */
export async function openProgress(context: Context): Promise<Progress> {
  const { runtime, options } = context;
  const progress = await createProgress(options.quiet === true ? 'none' : (options.progress ?? 'auto'), {
    stream: runtime.stderr,
    isTTY: runtime.stderr.isTTY === true && runtime.env['TERM'] !== 'dumb',
    columns: runtime.stderr.columns || 80,
    clock: runtime.clock,
    style: await context.style(runtime.stderr),
  });
  context.messages.showsProgress(() => progress.stop());
  return progress;
}
