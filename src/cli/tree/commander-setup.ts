// How commander reaches the world: our streams instead of the global ones, errors thrown instead of printed.
import type { Command } from 'commander';
import type { Runtime } from '../runtime.ts';

/** What commander has printed: help, the version; `err` is help where it was not asked for. */
export interface Printed {
  out: string;
  err: string;
}

/** Prepares a tree of commands for {@link Command.parseAsync}. @returns what is printed from now on */
export function prepare(program: Command, { stdout, stderr }: Pick<Runtime, 'stdout' | 'stderr'>): Printed {
  const printed: Printed = { out: '', err: '' };
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => (printed.out += text),
      writeErr: (text) => (printed.err += text),
      // What is wrong is thrown too, and printed by report.ts in the format that was asked for.
      outputError: () => undefined,
      getOutHelpWidth: () => stdout.columns || 80,
      getErrHelpWidth: () => stderr.columns || 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
  return printed;
}
