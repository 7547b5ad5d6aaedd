// From arguments to an exit code. The only place that catches everything.
import { type Command, CommanderError } from 'commander';
import { GlanceError } from '../errors.ts';
import { completeCommand } from '../docs/completion/complete-command.ts';
import { explaining } from '../client/explaining.ts';
import { Secrets } from '../client/secrets.ts';
import { normalizeOption, takesValueIn, translateAliases } from './tree/aliases.ts';
import type { Work } from './tree/command-parts.ts';
import type { Context } from './context.ts';
import { signalExits } from './console/exit-codes.ts';
import { checkFormat, type GlobalOptions } from './options/options.ts';
import { prepare } from './tree/commander-setup.ts';
import { buildProgram } from './tree/program.ts';
import { type ErrorFormat, reportError, reportInterruption } from './console/report.ts';
import { Interrupted, type Runtime } from './runtime.ts';
import { printResult } from './console/standard-output.ts';
import { withoutSecrets } from './console/without-secrets.ts';
import { usageError } from './tree/usage-error.ts';

const usageExit = 2;

/**
 * Runs the program.
 * @param argv arguments without the interpreter and the program's path
 * @returns the exit code; never throws
 */
export async function run(argv: readonly string[], runtime: Runtime): Promise<number> {
  // Writes report their own failures; without a listener the same failure would end the program.
  for (const stream of [runtime.stdout, runtime.stderr]) stream.on('error', () => undefined);
  if (argv[0] === completeCommand) {
    await (await import('./complete.ts')).answerCompletion(argv.slice(1), runtime);
    return 0;
  }
  const secrets = new Secrets();
  return await runCommand(argv, { ...runtime, stderr: withoutSecrets(runtime.stderr, secrets) }, secrets);
}

async function runCommand(argv: readonly string[], runtime: Runtime, secrets: Secrets): Promise<number> {
  const normalized = argv.map(normalizeOption);
  let options: GlobalOptions = {};
  let program: Command | null = null;
  try {
    const execute = async (chosen: GlobalOptions, work: Work): Promise<void> => {
      options = chosen;
      await runWith(chosen, runtime, secrets, work);
    };
    program = buildProgram(runtime.version, execute, normalized);
    await parse(program, translateAliases(normalized, takesValueIn(program)), runtime);
    return runtime.signal.aborted ? interrupted(runtime, null, errorFormat(options, normalized)) : 0;
  } catch (error) {
    if (runtime.signal.aborted) return interrupted(runtime, error, errorFormat(options, normalized));
    if (isHelp(error) && errorFormat(options, normalized) === 'human') {
      runtime.stderr.write(wholeHelp(runtime));
      return usageExit;
    }
    const explained =
      error instanceof CommanderError && program !== null ? usageError(error, program, normalized) : error;
    return await fail(explained, runtime, options, normalized);
  }
}

/** Runs the command, and prints what commander has to say. @throws what the command or printing throws */
async function parse(program: Command, argv: readonly string[], runtime: Runtime): Promise<void> {
  const printed = prepare(program, runtime);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
  }
  if (printed.out !== '') await printResult(runtime, [printed.out]);
}

/** The help with every command described: the word that was taken for a command may be the value of an option. */
function wholeHelp(runtime: Runtime): string {
  const program = buildProgram(runtime.version, () => Promise.resolve());
  const printed = prepare(program, runtime);
  program.outputHelp({ error: true });
  return printed.err;
}

/** Without a command, help goes to stderr. */
function isHelp(error: unknown): error is CommanderError {
  return error instanceof CommanderError && error.code === 'commander.help';
}

async function runWith(
  options: GlobalOptions,
  runtime: Runtime,
  secrets: Secrets,
  work: (context: Context) => Promise<void>,
): Promise<void> {
  checkFormat(options);
  const { Context } = await import('./context.ts');
  const context = new Context(runtime, options, secrets);
  runtime.onNodeWarning((message) => context.warn(message));
  const { warningOfSecrets } = await import('./connection.ts');
  const warning = warningOfSecrets(options);
  if (warning !== null) context.warn(warning);
  try {
    await explaining(context.connection, () => work(context));
  } catch (error) {
    throw (await import('./console/given-flags.ts')).withGivenFlags(error, context.connection);
  } finally {
    await context.connection.close();
  }
}

async function fail(
  error: unknown,
  runtime: Runtime,
  options: GlobalOptions,
  argv: readonly string[],
): Promise<number> {
  const format = errorFormat(options, argv);
  let paint = (text: string): string => text;
  if (format === 'human' && runtime.stderr.isTTY === true) {
    const { loadStyle, styleLevel } = await import('../output/style.ts');
    const color = argv.includes('--no-color') ? false : options.color;
    const style = await loadStyle(styleLevel({ isTTY: true, env: runtime.env, color }));
    paint = (text) => style.red(style.bold(text));
  }
  const width = runtime.stderr.isTTY === true ? runtime.stderr.columns || 80 : null;
  const { exit, text } = reportError(error, { format, debug: options.debug === true, width, paint });
  // If the reader of our output hung up, there is nobody to tell.
  if (!(error instanceof GlanceError && error.code === 'pipe.closed')) runtime.stderr.write(text);
  return exit;
}

/** Also looked up in the arguments, since a usage error occurs before options are known. */
function errorFormat(options: GlobalOptions, argv: readonly string[]): ErrorFormat {
  const after = (...names: string[]): string | undefined => {
    for (const [index, argument] of argv.entries()) {
      for (const name of names) {
        if (argument === name) return argv[index + 1];
        if (argument.startsWith(`${name}=`)) return argument.slice(name.length + 1);
        if (!name.startsWith('--') && argument.startsWith(name)) return argument.slice(name.length);
      }
    }
    return undefined;
  };
  const chosen = options.errorFormat ?? after('--error-format');
  if (chosen === 'json' || chosen === 'human') return chosen;
  const output = options.format ?? after('-f', '--format');
  const progress = options.progress ?? after('--progress');
  return output === 'json' || output === 'ndjson' || progress === 'json' ? 'json' : 'human';
}

function interrupted(runtime: Runtime, error: unknown, format: ErrorFormat): number {
  const reason: unknown = runtime.signal.reason;
  if (!(reason instanceof Interrupted)) return 1;
  const exit = signalExits[reason.signalName];
  runtime.stderr.write(reportInterruption(reason.signalName, exit, error, format));
  return exit;
}
