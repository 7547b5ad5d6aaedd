// The tree of commands: names, arguments, options, help. Help, man pages and completions are made from it. No work here:
// each command loads its own modules when it runs, so that help and errors of usage answer at once.
import { Argument, Command, Option } from 'commander';
import type { Shell } from '../../docs/completion/shells.ts';
import { endOfHelp } from '../../docs/help-text.ts';
import { GlanceError } from '../../errors.ts';
import { type Execute, globalsOf, imageArgument } from './command-parts.ts';
import { describeMirror, describeServe, describeVerify } from './directory-commands.ts';
import { addCompatOptions, type CompatOptions } from '../commands/images/compat.ts';
import { addCloudOptions } from '../options/cloud-options.ts';
import type { DownloadCommandOptions } from '../commands/download/download.ts';
import type { InspectOptions } from '../commands/inspect/inspect.ts';
import type { MembersOptions } from '../commands/images/members.ts';
import type { ShowOptions } from '../commands/images/show.ts';
import { addGlobalOptions, addListOptions, type ListOptions } from '../options/options.ts';
import { collect, collectAlgorithm, collectDigest, parseInteger, parseRate, parseSeconds } from '../options/parse.ts';

/**
 * The tree.
 * @param execute called by the command that the user chose
 * @param argv of a call, normalized: commands that it cannot be about are there by their names only, for to describe all of
 * them takes as long as much of a short call. Without it the tree is whole
 */
export function buildProgram(version: string, execute: Execute, argv: readonly string[] = []): Command {
  const program = new Command('glance-cli')
    .description('Inspect and download virtual machine images from OpenStack Glance, verified on the way.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureHelp({ showGlobalOptions: false });
  addCloudOptions(program);
  addGlobalOptions(program);
  const isWanted = wantedBy(argv);
  for (const [heading, entries] of groups) {
    program.commandsGroup(heading);
    for (const { names, describe } of entries) {
      const [name = '', ...aliases] = names;
      const command = program.command(name).aliases(aliases);
      if (isWanted(names)) describe(command, execute);
    }
  }
  program.hook('preAction', (_program, { args }) => refuseEmpty(args));
  for (const command of [program, ...program.commands]) command.addHelpText('after', () => endOfHelp(command));
  return program;
}

/** An empty path would be the working directory, and an empty name none that was meant. */
function refuseEmpty(words: readonly string[]): void {
  if (words.every((word) => word.trim() !== '')) return;
  throw new GlanceError('usage.argument', 'an argument is empty', { hint: 'is a variable unset?' });
}

/** Which commands a call may be about, by their names. All of them where it may print them, or names none. */
function wantedBy(argv: readonly string[]): (names: readonly string[]) => boolean {
  // `image-list` is what other clients call `list`.
  const words = new Set(argv.map((word) => word.replace(/^image-/, '')));
  const isNamed = (names: readonly string[]): boolean => names.some((name) => words.has(name));
  const isAll =
    isNamed(['help', '--help', '-h']) || !groups.some(([, entries]) => entries.some(({ names }) => isNamed(names)));
  return (names) => isAll || isNamed(names);
}

interface CommandEntry {
  /** The name, then aliases. */
  readonly names: readonly string[];
  readonly describe: (command: Command, execute: Execute) => void;
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
    'Set up:',
    [
      { names: ['doctor'], describe: describeDoctor },
      { names: ['logout'], describe: describeLogout },
      { names: ['completion'], describe: describeCompletion },
      { names: ['help'], describe: describeHelp },
    ],
  ],
];

function describeList(command: Command, execute: Execute): void {
  command
    .summary('list images')
    .description(
      'Lists the images you may see, page by page. Filters go to the server where its API has them; ' +
        'an option that the API cannot answer is an error.',
    );
  addCompatOptions(addListOptions(command)).action(async (options: ListOptions & CompatOptions, self: Command) => {
    const { list } = await import('../commands/images/list.ts');
    await execute(globalsOf(self), (context) => list(context, options));
  });
}

function describeShow(command: Command, execute: Execute): void {
  command
    .summary("show one image's metadata")
    .description("Shows one image's metadata. On API v1 it comes from the x-image-meta headers of a HEAD request.")
    .argument('<image>', imageArgument)
    .option('--latest', 'of several images with that name take the newest');
  addCompatOptions(command).action(async (image: string, options: ShowOptions, self: Command) => {
    const { show } = await import('../commands/images/show.ts');
    await execute(globalsOf(self), (context) => show(context, image, options));
  });
}

function describeDownload(command: Command, execute: Execute): void {
  command
    .summary('download image data, verified')
    .description(
      'Downloads image data to a file or, without -o, to standard output. The data is compared with the size and the ' +
        'checksum that Glance publishes. A file gets its name only once everything matches and is on disk; ' +
        'whatever stood there before stays until then. What an interruption leaves is gone on with by the same command.',
    )
    .argument('<image...>', `${imageArgument}; several need -O or a directory`)
    .optionsGroup('Where to:')
    .option('-o, --output <file>', 'write to this file, or into this directory; - is standard output')
    .addOption(new Option('--file <file>').hideHelp())
    .addOption(new Option('--chunk-size <bytes>').hideHelp())
    .addOption(new Option('--allow-md5-fallback').hideHelp())
    .option('-O, --remote-name', 'write to a file in this directory, named after the image')
    .option('--force', 'replace a file that is there and differs')
    .option('--metadata', "write the image's record beside the file, as FILE.json")
    .option('--spool', 'to standard output: verify all of it first, in a file of the temporary directory')
    .addOption(
      new Option('--sparse <when>', 'leave out blocks of zeros; auto: of raw images (default: auto)').choices([
        'auto',
        'always',
        'never',
      ]),
    )
    .option('--keep-corrupt', 'keep data that does not match, as FILE.corrupt')
    .option('--no-space-check', 'do not compare the free space with the size of the image first')
    .optionsGroup('Which image, and its proof:')
    .option('--latest', 'of several images with that name take the newest')
    .addOption(new Option('--digest <alg>', 'compute this digest too; repeatable').argParser(collectAlgorithm))
    .addOption(new Option('--expect <alg:hex>', 'demand this digest; repeatable').argParser(collectDigest))
    .option('--require-checksum', 'fail if the server has no digest to compare with')
    .option('--verify-signature', "demand that the image's signature is good; needs --trusted-cert")
    .addOption(
      new Option('--trusted-cert <file>', 'PEM file of a certificate to trust with signatures; repeatable').argParser(
        collect,
      ),
    )
    .option('--require-safe', 'give no name to an image that `inspect` finds unsafe')
    .optionsGroup('Speed:')
    .addOption(
      new Option('--connections <n>', 'ranges fetched at once, where the store has ranges (default: 1)').argParser(
        parseInteger(1, 16),
      ),
    )
    .addOption(
      new Option('--jobs <n>', 'images fetched at once, of several (default: 2)').argParser(parseInteger(1, 16)),
    )
    .addOption(new Option('--limit-rate <size>', 'bytes a second at most, such as 500K or 10M').argParser(parseRate))
    .addOption(new Option('--max-time <seconds>', 'give up after this long; what came is kept').argParser(parseSeconds))
    .action(async (images: readonly string[], options: DownloadCommandOptions, self: Command) => {
      const { download } = await import('../commands/download/download.ts');
      await execute(globalsOf(self), (context) => download(context, images, options));
    });
}

function describeInspect(command: Command, execute: Execute): void {
  command
    .summary('tell what image data really is, and whether it is safe')
    .description(
      'Reads the first bytes of an image, a local file or standard input (-), and the last ones where a format keeps ' +
        'something there, and tells what they are: disk format, virtual size, backing file, partitions, and what makes them ' +
        'unsafe to hand to a hypervisor. Ends with 11 if something does. With --all it looks at every image that the ' +
        'filters leave, in the order of --sort, and prints each as soon as it is done; a long run that is cut off goes ' +
        'on with --marker and the last id that it printed: with -f ndjson its output can be appended to.',
    )
    .argument('[target]', `${imageArgument}; the path of a file; or -`)
    .option('--all', 'inspect every image that the filters leave')
    .option('--latest', 'of several images with that name take the newest')
    .addOption(new Option('--jobs <n>', 'with --all: images at once (default: 4)').argParser(parseInteger(1, 32)))
    .addOption(
      new Option('--fail-on <severity>', 'what ends with 11 (default: unsafe)').choices(['unsafe', 'warning', 'never']),
    )
    .option('--sarif', 'print the hazards as SARIF 2.1.0, for tools that collect findings');
  addListOptions(command, ['all']).action(
    async (target: string | undefined, options: InspectOptions, self: Command) => {
      const { inspect } = await import('../commands/inspect/inspect.ts');
      await execute(globalsOf(self), (context) => inspect(context, target, options));
    },
  );
}

function describeMembers(command: Command, execute: Execute): void {
  command
    .summary('list who an image is shared with')
    .description('Lists the projects that an image is shared with, or what is shared with a project.')
    .argument('[image]', imageArgument)
    .option('--latest', 'of several images with that name take the newest')
    .option('--shared-with <project>', 'list the images that are shared with this project (API v1)')
    .action(async (image: string | undefined, options: MembersOptions, self: Command) => {
      const { members } = await import('../commands/images/members.ts');
      await execute(globalsOf(self), (context) => members(context, image, options));
    });
}

function describeStores(command: Command, execute: Execute): void {
  command
    .summary('list where image data is kept')
    .description('Lists the stores that this Glance keeps image data in (API v2).')
    .action(async (_options: object, self: Command) => {
      const { stores } = await import('../commands/images/stores.ts');
      await execute(globalsOf(self), (context) => stores(context));
    });
}

function describeLogout(command: Command, execute: Execute): void {
  command
    .summary('drop kept tokens')
    .description(
      'Drops the tokens that earlier runs kept under $XDG_CACHE_HOME/glance-cli. The next command logs in anew.',
    )
    .action(async (_options: object, self: Command) => {
      const { logout } = await import('../commands/doctor/logout.ts');
      await execute(globalsOf(self), (context) => logout(context));
    });
}

function describeDoctor(command: Command, execute: Execute): void {
  command
    .summary('show what is configured and what answers')
    .description(
      'Shows which settings come from where (secrets masked), which endpoint and API versions answer, TLS and clock, ' +
        'and whether the store answers ranges.',
    )
    .action(async (_options: object, self: Command) => {
      const { doctor } = await import('../commands/doctor/doctor.ts');
      await execute(globalsOf(self), (context) => doctor(context));
    });
}

function describeCompletion(command: Command, execute: Execute): void {
  command
    .summary('print a completion script for a shell')
    .description(
      'Prints a script that completes commands, options and their values, names and ids of images, and clouds: ' +
        'eval "$(glance-cli completion bash)" in ~/.bashrc, the same with zsh in ~/.zshrc; in fish, ' +
        'glance-cli completion fish | source. Names come from the last list, or, if that is older than a minute, from ' +
        'Glance, which is asked with a kept token only and waited for 1.5 seconds at most.',
    )
    .addArgument(
      new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish'] satisfies readonly Shell[]),
    )
    .action(async (shell: Shell, _options: object, self: Command) => {
      const { completion } = await import('../commands/help/completion.ts');
      await execute(globalsOf(self), (context) => completion(context, shell));
    });
}

function describeHelp(command: Command, execute: Execute): void {
  command
    .summary('print help for a command, or a topic')
    .description('Prints help for a command, or what there is to know about a topic.')
    .argument('[name]', 'a command or a topic')
    .action(async (name: string | undefined, _options: object, self: Command) => {
      const { help } = await import('../commands/help/help.ts');
      await execute(globalsOf(self), (context) => help(context, name, self.parent ?? self));
    });
}
