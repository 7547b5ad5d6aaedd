// Options of OpenStack's client that change how it prints. They are refused without `--compat`, not ignored.
import { type Command, Option, type OptionsOf } from './commander.ts';
import { collect, parseInteger } from './parse.ts';

/** The options, hidden from help. */
export function compatOptions(command: Command) {
  return command
    .addOption(new Option('--long').hideHelp())
    .addOption(new Option('--noindent').hideHelp())
    .addOption(new Option('--sort-column <name>').argParser(collect).hideHelp())
    .addOption(new Option('--sort-ascending').hideHelp())
    .addOption(new Option('--sort-descending').hideHelp())
    .addOption(new Option('--max-width <cells>').argParser(parseInteger(0)).hideHelp())
    .addOption(new Option('--fit-width').hideHelp())
    .addOption(new Option('--print-empty').hideHelp())
    .addOption(new Option('--quote <mode>').choices(['all', 'minimal', 'none', 'nonnumeric']).hideHelp())
    .addOption(new Option('--prefix <text>').hideHelp())
    .addOption(new Option('--human-readable').hideHelp());
}

/** What {@link compatOptions} give. */
export type CompatOptions = OptionsOf<typeof compatOptions>;
