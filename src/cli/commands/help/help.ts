import type { Command } from 'commander';
import { renderPlain } from '../../../docs/plain-text.ts';
import { topicNames } from '../../../docs/topic-names.ts';
import { describeTopic } from '../../../docs/topics.ts';
import { GlanceError, isRetryable } from '../../../errors.ts';
import { suggestNames } from '../../../text/nearest.ts';
import type { Context } from '../../context.ts';
import { exitCodeOf, exitCodes } from '../../console/exit-codes.ts';

/** Lines longer than this are hard to read. */
const maxWidth = 100;

/** `help [name]`: how to call the program or a command, or a topic. */
export async function help(context: Context, name: string | undefined, program: Command): Promise<void> {
  const command =
    name === undefined
      ? program
      : program.commands.find((each) => each.name() === name || each.aliases().includes(name));
  if (command !== undefined) {
    command.outputHelp();
    return;
  }
  const topic = topicNames.find((each) => each === name);
  if (topic === undefined) {
    const listed = `${program.name()} help lists them`;
    throw new GlanceError('usage.argument', `there is no command or topic "${name ?? ''}"`, {
      hint: suggestNames(name ?? '', [...program.commands.map((each) => each.name()), ...topicNames]) ?? listed,
    });
  }
  const { sections } = describeTopic(topic, program, { exitCodes, exitCodeOf, isRetryable });
  await context.printText(`${renderPlain(sections, Math.min(context.width ?? 80, maxWidth))}\n`);
}
