// Completion candidates at the cursor: walks the tree of commands along the words typed so far. Pure, except for its sources.
import type { Argument, Command, Option } from 'commander';
import { parsePattern } from '../../text/pattern.ts';
import { describeOption } from '../environment.ts';
import { commandsOf, globalOptionsOf, optionsOf, summaryOf } from '../command-tree.ts';

/** Something that can be typed at the cursor. */
export interface CompletionItem {
  readonly value: string;
  /** For people; may be empty. */
  readonly text: string;
}

/** Everything that can be typed at the cursor. */
export interface Candidates {
  readonly items: readonly CompletionItem[];
  /** Which paths the shell offers by itself if no item fits. */
  readonly paths: 'files' | 'directories' | 'none';
}

/** The command as typed so far. */
export interface Typed {
  readonly command: Command;
  /** Values of options by their attribute names; for switches `true`, or `false` if their name begins with `no`. */
  readonly options: ReadonlyMap<string, string | boolean>;
}

/** Gives the values of an argument or option by its name; undefined if it does not know that name. */
export type ValueSource = (
  name: string,
  prefix: string,
  typed: Typed,
) => Promise<readonly CompletionItem[] | undefined>;

/**
 * The candidates for the last word.
 * @param words without the program's own name; unquoted
 */
export async function findCandidates(
  program: Command,
  words: readonly string[],
  source: ValueSource,
): Promise<Candidates> {
  const prefix = words.at(-1) ?? '';
  const place = walk(program, words.slice(0, -1));
  if (place === null) return nothing;
  const { typed, position, pending, isLiteral } = place;
  const valuesOf = async (item: Argument | Option, name: string, start: string): Promise<Candidates> => {
    const choices = item.argChoices?.map((value) => ({ value, text: '' }));
    const items = choices ?? (await source(name, start, typed)) ?? [];
    return { items: fitting(items, start), paths: choices === undefined ? pathsOf(item) : 'none' };
  };
  if (pending !== null) return await valuesOf(pending, pending.attributeName(), prefix);
  const [, flag, value] = (isLiteral ? null : /^(--[^=]+)=(.*)$/s.exec(prefix)) ?? [];
  if (flag !== undefined && value !== undefined) {
    const option = findOption(typed.command, flag);
    if (option === undefined) return nothing;
    const { items, paths } = await valuesOf(option, option.attributeName(), value);
    return { items: items.map((item) => ({ ...item, value: `${flag}=${item.value}` })), paths };
  }
  if (!isLiteral && prefix.startsWith('-')) return { items: starting(flagItems(typed.command), prefix), paths: 'none' };
  const named = position === 0 ? starting(commandItems(typed.command), prefix) : [];
  const argument = typed.command.registeredArguments[position] ?? lastIfVariadic(typed.command);
  if (argument === undefined) return { items: named, paths: 'none' };
  const found = await valuesOf(argument, argument.name(), prefix);
  return { items: [...named, ...found.items], paths: found.paths };
}

const nothing: Candidates = { items: [], paths: 'none' };

interface Place {
  readonly typed: Typed;
  /** Arguments before the cursor. */
  readonly position: number;
  /** An option whose value comes next. */
  readonly pending: Option | null;
  /** Whether `--` was typed. */
  readonly isLiteral: boolean;
}

/** Null if a command was typed that does not exist. */
function walk(program: Command, words: readonly string[]): Place | null {
  const options = new Map<string, string | boolean>();
  let command = program;
  let [position, isLiteral, pending] = [0, false, null as Option | null];
  for (const word of words) {
    if (pending !== null) {
      options.set(pending.attributeName(), word);
      pending = null;
    } else if (!isLiteral && word === '--') isLiteral = true;
    else if (!isLiteral && word.startsWith('-') && word !== '-') pending = enter(command, word, options);
    else {
      const below = position === 0 && !isLiteral ? findCommand(command, word) : undefined;
      if (below === undefined && command === program) return null;
      if (below === undefined) position++;
      else command = below;
    }
  }
  return { typed: { command, options }, position, pending, isLiteral };
}

/** @returns the option if its value is the next word */
function enter(command: Command, word: string, options: Map<string, string | boolean>): Option | null {
  const [, flag = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
  const option = findOption(command, flag);
  if (option === undefined) return null;
  if (value !== undefined) options.set(option.attributeName(), value);
  else if (option.required) return option;
  else options.set(option.attributeName(), !option.negate);
  return null;
}

function findCommand(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.aliases().includes(word));
}

/** Finds an option of the command or of one above it, hidden ones included. */
function findOption(command: Command | null, flag: string): Option | undefined {
  if (command === null) return undefined;
  const own = command.options.find(({ long, short }) => long === flag || short === flag);
  return own ?? findOption(command.parent, flag);
}

function lastIfVariadic({ registeredArguments }: Command): Argument | undefined {
  const last = registeredArguments.at(-1);
  return last?.variadic === true ? last : undefined;
}

function flagItems(command: Command): readonly CompletionItem[] {
  return [...optionsOf(command), ...globalOptionsOf(command)].flatMap((option) =>
    option.long === undefined ? [] : [{ value: option.long, text: describeOption(option).text }],
  );
}

function commandItems(command: Command): readonly CompletionItem[] {
  const help = command.commands.filter((each) => each.name() === 'help');
  return [...commandsOf(command), ...help].flatMap((each) =>
    [each.name(), ...each.aliases()].map((value) => ({ value, text: summaryOf(each) })),
  );
}

/** The items that begin with the typed text or, if that is the start of a pattern, match it. */
function fitting(items: readonly CompletionItem[], typed: string): readonly CompletionItem[] {
  const pattern = parsePattern(`${typed}*`);
  const isPattern = pattern !== null && parsePattern(typed) !== null;
  return items.filter(({ value }) => value.startsWith(typed) || (isPattern && pattern.matches(value)));
}

function starting(items: readonly CompletionItem[], prefix: string): readonly CompletionItem[] {
  return items.filter(({ value }) => value.startsWith(prefix));
}

/** Which paths, by the placeholder: `<file>`, `[path]`, `<dir>`, `<place>`. */
function pathsOf(item: Argument | Option): Candidates['paths'] {
  const name = 'flags' in item ? (/<([^<>]+)>/.exec(item.flags)?.[1] ?? '') : item.name();
  if (['dir', 'place'].includes(name)) return 'directories';
  return ['file', 'list', 'path', 'target'].includes(name) ? 'files' : 'none';
}
