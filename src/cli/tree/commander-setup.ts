// Connects commander with the program: our streams instead of the global ones, errors thrown instead of printed.
import type { Command } from 'commander';
import type { Runtime } from '../runtime.ts';

/** What commander has printed: help or the version; `err` is help that nobody asked for. */
interface Printed {
  out: string;
  err: string;
}

/** Prepares a tree of commands for {@link Command.parseAsync}. @returns an object that collects what is printed */
export function prepare(program: Command, { stdout, stderr }: Pick<Runtime, 'stdout' | 'stderr'>): Printed {
  const printed: Printed = { out: '', err: '' };
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => (printed.out += text),
      writeErr: (text) => (printed.err += text),
      // Errors are also thrown; report.ts prints them in the requested format.
      outputError: () => undefined,
      getOutHelpWidth: () => stdout.columns || 80,
      getErrHelpWidth: () => stderr.columns || 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
  return printed;
}
