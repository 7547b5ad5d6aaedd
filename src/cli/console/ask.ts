// Asks a person at a terminal which of several images is meant.
import type { Readable } from 'node:stream';
import type { Candidate } from '../../errors.ts';
import type { Choose } from '../../client/find.ts';
import { countOf } from '../../text/count.ts';
import type { Runtime } from '../runtime.ts';
import { alignCandidates } from './candidates.ts';
import type { Messages } from './messages.ts';
import { readTyped, type Typed } from './typed.ts';

interface AskOptions {
  /** Whether the options allow it, and leave standard input free. */
  readonly mayAsk: boolean;
}

/** Maximum number of images to offer. Others are only counted: give their ids instead. */
const mostShown = 30;
/** Invalid answers before giving up. */
const mostTries = 5;

/**
 * Asks, if somebody can answer: standard input and standard error are terminals, and no variable `CI` is set. One
 * question at a time.
 */
export function chooserOf(runtime: Runtime, messages: Messages, { mayAsk }: AskOptions): Choose {
  let last: Promise<unknown> = Promise.resolve();
  return async (name, candidates, signal) => {
    if (!mayAsk || !isInteractive(runtime)) return null;
    const answer = last.then(() => ask(name, candidates, runtime, messages, signal));
    last = answer.catch(() => undefined);
    return await answer;
  };
}

/** Whether somebody reads standard error and types at standard input. */
export function isInteractive({ env, stderr, stdin }: Runtime): boolean {
  return stderr.isTTY === true && (env['CI'] ?? '') === '' && stdin().isTTY === true;
}

async function ask(
  name: string,
  candidates: readonly Candidate[],
  { stdin }: Runtime,
  messages: Messages,
  signal: AbortSignal,
): Promise<string | null> {
  const shown = candidates.slice(0, mostShown);
  const more = candidates.length - shown.length;
  const width = String(shown.length).length;
  const lines = alignCandidates(shown).map((line, index) => `  ${String(index + 1).padStart(width)}  ${line}`);
  messages.prompt([
    `${countOf(candidates.length, 'image')} are called "${name}":`,
    ...lines,
    ...(more > 0 ? [`  and ${String(more)} more`] : []),
  ]);
  for (let round = 1; round <= mostTries; round++) {
    messages.prompt([], `Which one? 1 to ${String(shown.length)}, or just Enter for none: `);
    const answer = (await readLine(stdin(), signal))?.trim() ?? '';
    if (answer === '') return null;
    const chosen = /^\d{1,6}$/.test(answer) ? shown[Number(answer) - 1] : undefined;
    if (chosen !== undefined) return chosen.id;
  }
  return null;
}

/** Longest line, whatever is pasted. */
const longestLine = 4096;

/** The next line typed, without its end. @returns null at the end of input. @throws the signal's reason */
function readLine(stdin: Readable, signal: AbortSignal): Promise<string | null> {
  let text = '';
  const take = (typed: string): Typed<string | null> | undefined => {
    text += typed;
    const end = text.indexOf('\n');
    if (end < 0) return text.length <= longestLine ? undefined : { answer: '', rest: '' };
    return { answer: text.slice(0, end), rest: text.slice(end + 1) };
  };
  return readTyped(stdin, signal, take, () => (text === '' ? null : text));
}
