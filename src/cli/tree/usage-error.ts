// Turns commander's error about a call that it does not understand into one of ours, with a hint.
import type { Command, CommanderError } from 'commander';
import { GlanceError } from '../../errors.ts';
import { nearestNames, suggestNames } from '../../text/nearest.ts';

/**
 * The error for a call that is not understood.
 * @param program the tree of commands, for suggestions
 * @param argv the arguments of the call
 */
export function usageError(error: CommanderError, program: Command, argv: readonly string[]): GlanceError {
  const called = findCalled(program, argv);
  const seeHelp = `see glance-cli ${called === undefined ? '' : `${called.name()} `}--help`;
  if (error.code === 'commander.help') {
    return new GlanceError('usage.argument', 'no command is given', { hint: seeHelp });
  }
  const message = error.message.replace(/^error: (?:command-argument )?/, '');
  const code = /argument/i.test(error.code) ? 'usage.argument' : 'usage.option';
  return new GlanceError(code, message, { hint: suggest(message, program, called) ?? seeHelp });
}

/** Words of other clients that people type out of habit, with the words to use here. */
const foreign: Readonly<Record<string, string>> = {
  get: 'download',
  pull: 'download',
  fetch: 'download',
  images: 'list',
  describe: 'show',
  info: 'show',
  stat: 'show',
  check: 'verify',
  sync: 'mirror',
  json: '-f json',
  yaml: '-f yaml',
  csv: '-f csv',
  output: '-f',
  region: '--os-region-name',
  cloud: '--os-cloud',
};

/** Options of `download` and `verify` with the same meaning and different names. */
const twins: ReadonlyMap<string, string> = new Map([
  ['--expect-from', '--against'],
  ['--against', '--expect-from'],
]);

/** A hint at what an unknown word may mean; null for none. */
function suggest(message: string, program: Command, called: Command | undefined): string | null {
  const [, kind, word = ''] = /^unknown (command|option) '(.*)'$/s.exec(message) ?? [];
  const bare = word.replace(/^--/, '');
  const known = Object.hasOwn(foreign, bare) ? (foreign[bare] ?? '') : '';
  if (known !== '' && known.startsWith('-') === (kind === 'option')) return ask([known]);
  if (kind === 'command') {
    const names = program.commands.flatMap((each) => [each.name(), ...each.aliases()]);
    // For an alias, suggests its command, and does so only once.
    const nameOf = (name: string): string =>
      program.commands.find((each) => each.aliases().includes(name))?.name() ?? name;
    return ask(nearestNames(word, names).map(nameOf));
  }
  if (kind === 'option') {
    const twin = called?.options.find(({ long }) => long === (twins.get(word.replace(/=.*$/s, '')) ?? ''))?.long;
    return ask(twin ? [twin] : nearestOptions(word, [program, ...(called === undefined ? [] : [called])]));
  }
  const value = between(message, "argument '", "' is invalid. ") ?? between(message, "value '", "' is invalid for ");
  const choices = between(message, 'Allowed choices are ', '.');
  return value === null || choices === null ? null : suggestNames(value, choices.split(', '));
}

/** The text between the first `start` and the last `end`; null if either is missing. */
function between(text: string, start: string, end: string): string | null {
  const first = text.indexOf(start);
  const last = text.lastIndexOf(end);
  return first < 0 || last < first + start.length ? null : text.slice(first + start.length, last);
}

/** The options with the nearest names, compared without leading dashes, which all share, and without a value after `=`. */
function nearestOptions(word: string, commands: readonly Command[]): string[] {
  const options = commands.flatMap((command) => command.options).filter(({ hidden }) => !hidden);
  const names = options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long.slice(2)]));
  const wanted = word.replace(/^--?/, '').replace(/=.*$/s, '');
  return nearestNames(wanted, [...names, 'help']).map((name) => `--${name}`);
}

function ask(names: readonly string[]): string | null {
  return names.length === 0 ? null : `did you mean ${[...new Set(names)].join(' or ')}?`;
}

/** The command that was called: the first word that names one, since later ones may be arguments, as in `queue list`. */
function findCalled(program: Command, argv: readonly string[]): Command | undefined {
  const named = (word: string): Command | undefined =>
    program.commands.find((each) => word === each.name() || each.aliases().includes(word));
  return named(argv.find((word) => named(word) !== undefined) ?? '');
}
