// The tree of commands: names, arguments, options, help. Help, man pages and completion are generated from it. It does no
// work: each command loads its own modules when it runs, so that help and usage errors appear at once.
import type { Command as PlainCommand } from 'commander';
import type { CommandName } from '../../docs/command-tree.ts';
import { endOfHelp, programHelp } from '../../docs/help-text.ts';
import { GlanceError } from '../../errors.ts';
import { cloudOptions } from '../options/cloud-options.ts';
import { Command, untyped, addOptions } from '../options/commander.ts';
import { type GlobalOptions, globalOptions } from '../options/options.ts';
import type { Describe, Work } from './command-parts.ts';
import { describeQueue, describeWorker } from './fleet-commands.ts';
import { describeMirror, describeServe, describeVerify } from './directory-commands.ts';
import { describeCat, describeFiles } from './guest-commands.ts';
import {
  describeDownload,
  describeInspect,
  describeList,
  describeMembers,
  describeShow,
  describeStores,
} from './image-commands.ts';
import { describeCompletion, describeDoctor, describeHelp, describeLogout, describeVersion } from './setup-commands.ts';

/**
 * Builds the tree.
 * @param execute called by the command that the user chose
 * @param argv the normalized arguments of a call. A command that the call cannot refer to is given only its name, since
 * describing every command would take much of the time of a short call. Without `argv` the tree is complete
 */
export function buildProgram(
  version: string,
  execute: (options: GlobalOptions, work: Work) => Promise<void>,
  argv: readonly string[] = [],
): PlainCommand {
  const bare = new Command('glance-cli')
    .description('Inspect and download virtual machine images from OpenStack Glance, verified on the way.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureHelp({ showGlobalOptions: false });
  const program = addOptions(addOptions(bare, cloudOptions), globalOptions);
  const isWanted = wantedBy(argv);
  for (const [heading, entries] of groups) {
    program.commandsGroup(heading);
    for (const { names, describe } of entries) {
      const [name, ...aliases] = names;
      const command = program.command(name).aliases(aliases);
      if (isWanted(names)) describe(command, (work) => execute(program.opts(), work));
    }
  }
  program.hook('preAction', (_program, { args }) => refuseEmpty(args));
  const tree = untyped(program);
  // Set after the commands have copied the plain configuration. The longest name leaves 38 of 80 cells, and
  // commander by default does not wrap to fewer than 40.
  tree.configureHelp({ formatHelp: programHelp, minWidthToWrap: 24 });
  for (const command of tree.commands) command.addHelpText('after', () => endOfHelp(command));
  return tree;
}

/** An empty path would mean the working directory, and an empty name is never intended. */
function refuseEmpty(words: readonly string[]): void {
  if (words.every((word) => word.trim() !== '')) return;
  throw new GlanceError('usage.argument', 'an argument is empty', { hint: 'is a variable unset?' });
}

/**
 * Returns a function that tells from a command's names whether the call may refer to it. If the call names no command, or may
 * list all of them, it may refer to any.
 */
function wantedBy(argv: readonly string[]): (names: readonly string[]) => boolean {
  // Other clients say `image-list` for `list`.
  const words = new Set(argv.map((word) => word.replace(/^image-/, '')));
  const isNamed = (names: readonly string[]): boolean => names.some((name) => words.has(name));
  const isAll =
    isNamed(['help', '--help', '-h']) || !groups.some(([, entries]) => entries.some(({ names }) => isNamed(names)));
  return (names) => isAll || isNamed(names);
}

interface CommandEntry {
  /** The name, then aliases. */
  readonly names: readonly [CommandName | 'help', ...string[]];
  readonly describe: Describe;
}

/** Commands under their headings, in the order in which help lists them. */
const groups: readonly (readonly [heading: string, entries: readonly CommandEntry[]])[] = [
  [
    'Find and see:',
    [
      { names: ['list', 'ls'], describe: describeList },
      { names: ['show'], describe: describeShow },
      { names: ['members'], describe: describeMembers },
      { names: ['stores'], describe: describeStores },
    ],
  ],
  ['Get:', [{ names: ['download', 'save'], describe: describeDownload }]],
  [
    'Look inside and check:',
    [
      { names: ['inspect'], describe: describeInspect },
      { names: ['files'], describe: describeFiles },
      { names: ['cat'], describe: describeCat },
      { names: ['verify'], describe: describeVerify },
    ],
  ],
  [
    'Directories of images:',
    [
      { names: ['mirror'], describe: describeMirror },
      { names: ['serve'], describe: describeServe },
    ],
  ],
  [
    'Many machines:',
    [
      { names: ['worker'], describe: describeWorker },
      { names: ['queue'], describe: describeQueue },
    ],
  ],
  [
    'Set up:',
    [
      { names: ['doctor'], describe: describeDoctor },
      { names: ['logout'], describe: describeLogout },
      { names: ['completion'], describe: describeCompletion },
      { names: ['version'], describe: describeVersion },
      { names: ['help'], describe: describeHelp },
    ],
  ],
];
