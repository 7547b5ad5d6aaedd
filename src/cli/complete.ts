// `__complete SHELL …`: answers the completion scripts. Never fails, and prints only the answer.
import { splitLine, type TypedLine } from '../docs/completion/command-line.ts';
import { findCandidates } from '../docs/completion/candidates.ts';
import { formatAnswer, type Shell } from '../docs/completion/shells.ts';
import { normalizeOption, takesValueIn, translateAliases } from './tree/aliases.ts';
import { completionValues } from './completion/values.ts';
import { buildProgram } from './tree/program.ts';
import type { Runtime } from './runtime.ts';
import { printResult } from './console/standard-output.ts';

/**
 * Answers.
 * @param argv bash: the shell, the line up to the cursor, COMP_WORDBREAKS; others: the shell, then the words
 */
export async function answerCompletion(argv: readonly string[], runtime: Runtime): Promise<void> {
  const [name, ...rest] = argv;
  const shell = (['bash', 'zsh', 'fish'] satisfies Shell[]).find((each) => each === name);
  if (shell === undefined) return;
  try {
    const line = shell === 'bash' ? splitLine(rest[0] ?? '') : joinWords(rest);
    const program = buildProgram(runtime.version, () => Promise.resolve());
    const before = line.words.slice(1, -1).map(normalizeOption);
    const words = [...translateAliases(before, takesValueIn(program)), line.words.at(-1) ?? ''];
    const candidates = await findCandidates(program, words, completionValues(runtime));
    await printResult(runtime, [formatAnswer(shell, candidates, line, shell === 'bash' ? rest[1] : undefined)]);
  } catch {
    // Errors must not disturb somebody who is in the middle of typing a line.
  }
}

/** Words that the shell has split; the first one is the program. */
function joinWords(words: readonly string[]): TypedLine {
  return { words: ['', ...words.map((word) => splitLine(word).words.join(' '))], rawLast: '', quote: '' };
}
