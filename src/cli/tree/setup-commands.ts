// Describes the commands for the program itself and its environment: doctor, logout, completion, version, help. Descriptions
// only, as program.ts explains.
import type { Shell } from '../../docs/completion/shells.ts';
import { Argument, type Command, untyped } from '../options/commander.ts';
import { type Execute, paragraphs, printOwn } from './command-parts.ts';

export function describeLogout(command: Command, execute: Execute): void {
  command
    .summary('remove cached tokens')
    .description(
      'Removes the tokens that earlier runs cached under $XDG_CACHE_HOME/glance-cli. The next command logs in again.',
    )
    .action(async () => {
      const { logout } = await import('../commands/doctor/logout.ts');
      await execute((context) => logout(context));
    });
}

export function describeDoctor(command: Command, execute: Execute): void {
  command
    .summary('show what is configured and what answers')
    .description(
      'Shows where each setting comes from (secrets masked), which endpoint and API versions answer, the state of TLS and of ' +
        'the clock, whether the store supports ranges, and what to do first.',
    )
    .action(async () => {
      const { doctor } = await import('../commands/doctor/doctor.ts');
      await execute((context) => doctor(context));
    });
}

export function describeCompletion(command: Command): void {
  command
    .summary('print a completion script for a shell')
    .description(
      paragraphs(
        'Prints a script that completes commands, options and their values, the names and ids of images, and clouds. Put ' +
          'eval "$(glance-cli completion bash)" in ~/.bashrc, or the same with zsh in ~/.zshrc; in fish, run glance-cli ' +
          'completion fish | source.',
        'Names come from the last list or, if that is older than a minute, from Glance. Glance is asked only with a ' +
          'cached token, and for at most 1.5 seconds.',
      ),
    )
    .addArgument(
      new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish'] satisfies readonly Shell[]),
    )
    .action(async (shell) => {
      const { completionScript } = await import('../../docs/completion/shells.ts');
      printOwn(command, completionScript(shell));
    });
}

export function describeVersion(command: Command, execute: Execute): void {
  command
    .summary('print the version')
    .description('Prints the version, as --version does.')
    .action(() => execute((context) => context.printText(`${context.runtime.version}\n`)));
}

export function describeHelp(command: Command, execute: Execute): void {
  command
    .summary('print help for a command, or a topic')
    .description('Prints help for a command or a topic.')
    .argument('[name]', 'a command or a topic')
    .action(async (name) => {
      const { help } = await import('../commands/help/help.ts');
      await execute((context) => help(context, name, untyped(command.parent ?? command)));
    });
}
