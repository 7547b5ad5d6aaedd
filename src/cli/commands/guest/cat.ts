import { findTarget, saveFile, sendFile } from '../../../client/guest/save-file.ts';
import { type FileWithin, findWithin } from '../../../client/guest/read-file.ts';
import { GlanceError } from '../../../errors.ts';
import { absoluteFilePath } from '../../../local/places.ts';
import { formatBytes } from '../../../output/size.ts';
import { escapeControls } from '../../../text/escape.ts';
import type { Context } from '../../context.ts';
import type { CatOptions } from '../../options/guest-options.ts';
import { openProgress } from '../../progress.ts';
import { openTarget, parseTarget } from './target.ts';

/** `cat <image> [path]`: the bytes of a file within an image. */
export async function cat(
  context: Context,
  target: string,
  path: string | undefined,
  options: CatOptions,
): Promise<void> {
  const { image, path: within } = parseTarget(target, path);
  if (within === null)
    throw new GlanceError('usage.argument', 'no path was given', {
      hint: 'write it as IMAGE:/PATH, or after the image',
    });
  const { output, force = false } = options;
  if (output === undefined || output === '-') {
    if (force) throw new GlanceError('usage.option', '--force needs -o FILE');
    await print(context, image, within, options);
    return;
  }
  if (output.trim() === '') throw new GlanceError('usage.option', '-o is empty: is a variable unset?');
  const { cwd, signal } = context.runtime;
  const place = await findTarget(absoluteFilePath(cwd, output), force);
  await openTarget(context, image, options, async (guest) => {
    const file = await findWithin(guest, within);
    const progress = await openProgress(context);
    try {
      await saveFile(context.connection, file, place, { force, listen: progress.listen, signal });
    } finally {
      progress.stop();
    }
    context.note(`${output}: ${formatBytes(file.size)}, ${within} of ${guest.name}`);
  });
}

async function print(context: Context, image: string, path: string, options: CatOptions): Promise<void> {
  const { stdout, signal, isStdoutClosed } = context.runtime;
  if (isStdoutClosed()) {
    throw new GlanceError('io.closed', 'standard output is closed: the file would be lost', { hint: 'give -o FILE' });
  }
  await openTarget(context, image, options, async (guest) => {
    const file = await findWithin(guest, path);
    if (stdout.isTTY === true) await context.print(toText(file));
    else await sendFile(file, stdout, 'standard output', signal);
  });
}

/** Text in a form that is safe for a terminal. @throws GlanceError `usage.terminal` if it does not begin as text */
async function* toText({ path, chunks }: FileWithin): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let isFirst = true;
  for await (const chunk of chunks()) {
    if (isFirst && !isText(chunk)) {
      throw new GlanceError('usage.terminal', `${path}: it is not text, and would go to the terminal`, {
        hint: 'give -o FILE, or send it through a pipe',
      });
    }
    isFirst = false;
    yield escapeText(decoder.decode(chunk, { stream: true }));
  }
  yield escapeText(decoder.decode());
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false;
  try {
    // The last character may continue in what follows.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Keeps line feeds and tabs. */
function escapeText(text: string): string {
  return text
    .split('\t')
    .map((part) => escapeControls(part, { keepNewlines: true }))
    .join('\t');
}
