// Completion scripts for shells, made from the tree of commands: its commands, options and their values. Pure.
import type { Command, Option } from 'commander';
import { describeOption } from './environment.ts';
import { commandsOf, globalOptionsOf, optionsOf, summaryOf } from './command-tree.ts';

/** A shell that there is a script for. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** The script for a shell, to be evaluated by it. The same tree gives the same text. */
export function completionScript(program: Command, shell: Shell): string {
  return `${{ bash: bashScript, zsh: zshScript, fish: fishScript }[shell](program).join('\n')}\n`;
}

/** A command under all its names. */
interface Named {
  readonly names: readonly string[];
  readonly summary: string;
  readonly options: readonly Option[];
}

function namedCommands(program: Command): readonly Named[] {
  return commandsOf(program).map((command) => ({
    names: [command.name(), ...command.aliases()],
    summary: summaryOf(command),
    options: [...optionsOf(command), ...globalOptionsOf(command)],
  }));
}

function flagsOf({ short, long }: Option): readonly string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

const takesValue = ({ required, optional }: Option): boolean => required || optional;

/** Every option of the program that has to be followed by a value, once. */
function valueOptions(program: Command): readonly Option[] {
  const all = [...optionsOf(program), ...commandsOf(program).flatMap(optionsOf)].filter(takesValue);
  const seen = new Set<string>();
  return all.filter((option) => {
    const key = option.long ?? option.flags;
    return seen.has(key) ? false : seen.add(key);
  });
}

/** One pattern of `case` for the options with these values; an option may be in one only. */
function groupByChoices(options: readonly Option[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const option of options) {
    const choices = (option.argChoices ?? []).join(' ');
    groups.set(choices, [...(groups.get(choices) ?? []), ...flagsOf(option)]);
  }
  return groups;
}

function bashScript(program: Command): readonly string[] {
  const commands = namedCommands(program);
  const values = [...groupByChoices(valueOptions(program))].map(([choices, flags]) =>
    choices === ''
      ? `    ${flags.join('|')}) return ;;`
      : `    ${flags.join('|')}) COMPREPLY=($(compgen -W '${choices}' -- "$cur")); return ;;`,
  );
  const options = commands.map(
    (each) => `    ${each.names.join('|')}) words='${each.options.flatMap(flagsOf).join(' ')}' ;;`,
  );
  return [
    '# bash completion for glance-cli: eval "$(glance-cli completion bash)"',
    '_glance_cli() {',
    '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words= i',
    '  COMPREPLY=()',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    case ${COMP_WORDS[i]} in',
    `      ${commands.flatMap(({ names }) => names).join('|')}) command=\${COMP_WORDS[i]}; break ;;`,
    '    esac',
    '  done',
    '  # What follows an option that takes a value; file names where nothing else is known.',
    '  case $prev in',
    ...values,
    '  esac',
    '  case $command in',
    `    '') words='${[...commands.flatMap(({ names }) => names), 'help'].join(' ')}'`,
    `      [[ $cur == -* ]] && words='${optionsOf(program).flatMap(flagsOf).join(' ')}' ;;`,
    ...options,
    '  esac',
    '  if [[ -z $command || $cur == -* ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); fi',
    '}',
    'complete -o bashdefault -o default -F _glance_cli glance-cli',
  ];
}

function zshScript(program: Command): readonly string[] {
  const commands = namedCommands(program);
  const describe = (option: Option): string =>
    flagsOf(option)
      .map((flag) => zshItem(flag, describeOption(option).text))
      .join(' ');
  const values = [...groupByChoices(valueOptions(program))].map(([choices, flags]) =>
    choices === ''
      ? `    (${flags.join('|')}) _files; return ;;`
      : `    (${flags.join('|')}) compadd -- ${choices}; return ;;`,
  );
  return [
    '#compdef glance-cli',
    '# zsh completion for glance-cli: eval "$(glance-cli completion zsh)", or as a file _glance-cli in $fpath',
    '_glance_cli() {',
    '  local word command',
    '  local -a items',
    '  for word in ${words[2,CURRENT-1]}; do',
    '    case $word in',
    `      (${commands.flatMap(({ names }) => names).join('|')}) command=$word; break ;;`,
    '    esac',
    '  done',
    '  case ${words[CURRENT-1]} in',
    ...values,
    '  esac',
    '  case $command in',
    `    ('') items=(${optionsOf(program).map(describe).join(' ')}) ;;`,
    ...commands.map((each) => `    (${each.names.join('|')}) items=(${each.options.map(describe).join(' ')}) ;;`),
    '  esac',
    "  if [[ $PREFIX == -* ]]; then _describe -o 'option' items",
    '  elif [[ -z $command ]]; then',
    `    items=(${commands.flatMap(({ names, summary }) => names.map((name) => zshItem(name, summary))).join(' ')})`,
    "    _describe 'command' items",
    '  else _files; fi',
    '}',
    'if [[ ${funcstack[1]} == _glance-cli ]]; then _glance_cli "$@"; else compdef _glance_cli glance-cli; fi',
  ];
}

function zshItem(word: string, text: string): string {
  return `'${word}:${text.replaceAll('\\', '\\\\').replaceAll(':', '\\:').replaceAll("'", "'\\''")}'`;
}

function fishScript(program: Command): readonly string[] {
  const commands = namedCommands(program);
  const names = commands.flatMap((each) => each.names).join(' ');
  const complete = (condition: string | null, option: Option): string =>
    [
      'complete -c glance-cli',
      ...(condition === null ? [] : [`-n ${fishText(condition)}`]),
      ...(option.short === undefined ? [] : [`-s ${option.short.slice(1)}`]),
      ...(option.long === undefined ? [] : [`-l ${option.long.slice(2)}`]),
      ...(takesValue(option) ? [option.argChoices === undefined ? '-r' : '-x'] : []),
      ...(option.argChoices === undefined ? [] : [`-a ${fishText(option.argChoices.join(' '))}`]),
      `-d ${fishText(describeOption(option).text)}`,
    ].join(' ');
  return [
    '# fish completion for glance-cli: glance-cli completion fish | source',
    ...commands.flatMap((each) =>
      each.names.map(
        (name) =>
          `complete -c glance-cli -n ${fishText(`not __fish_seen_subcommand_from ${names}`)} -f -a ${name} ` +
          `-d ${fishText(each.summary)}`,
      ),
    ),
    ...optionsOf(program).map((option) => complete(null, option)),
    ...commandsOf(program).flatMap((command) => {
      const condition = `__fish_seen_subcommand_from ${[command.name(), ...command.aliases()].join(' ')}`;
      return optionsOf(command).map((option) => complete(condition, option));
    }),
  ];
}

function fishText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
