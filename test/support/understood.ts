// Whether a line that documents and help show can be typed as it stands.
import { buildProgram } from '../../src/cli/tree/program.ts';
import { splitLine } from '../../src/docs/completion/command-line.ts';
import { version } from '../../src/version.ts';

/**
 * Whether a line calls glance-cli in a way that it understands. Nothing is run.
 * @throws CommanderError that says what it does not understand
 */
export async function isUnderstood(line: string): Promise<boolean> {
  let isChosen = false;
  const choose = (): void => void (isChosen = true);
  const tree = buildProgram(version, () => Promise.resolve(choose()));
  for (const command of [tree, ...tree.commands]) {
    command.exitOverride().configureOutput({ writeOut: choose, writeErr: () => undefined });
  }
  const [name, ...argv] = splitLine(line).words;
  await tree.parseAsync([...argv], { from: 'user' });
  return name === 'glance-cli' && isChosen;
}
