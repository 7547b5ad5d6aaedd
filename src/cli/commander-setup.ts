// How commander reaches the world: our streams instead of the global ones, errors thrown instead of printed.
import type { Command } from 'commander';
import type { Runtime } from './runtime.ts';

/** Prepares a tree of commands for {@link Command.parseAsync}. */
export function prepare(program: Command, runtime: Runtime): void {
  const { stdout, stderr } = runtime;
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // What is wrong is thrown too, and printed by report.ts in the format that was asked for.
      outputError: () => undefined,
      getOutHelpWidth: () => stdout.columns || 80,
      getErrHelpWidth: () => stderr.columns || 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
}
