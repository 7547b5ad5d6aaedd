// Turns errors into what people and programs read. The only place where an error becomes text and an exit code.
import { AmbiguousImageError, GlanceError } from '../../errors.ts';
import { escapeControls, escapeJson } from '../../text/escape.ts';
import { formatBytes } from '../../output/size.ts';
import { countOf } from '../../text/count.ts';
import { isOutOfFiles, outOfFiles } from '../../local/out-of-files.ts';
import { wrapWords } from '../../text/wrap-words.ts';
import { alignCandidates } from './candidates.ts';
import { exitCodeOf } from './exit-codes.ts';
import { withOptions } from './option-names.ts';

export type ErrorFormat = 'human' | 'json';

/** What is printed about an error, and how the program ends. */
interface ErrorReport {
  readonly exit: number;
  /** One or more lines, each with its line feed; safe for a terminal. */
  readonly text: string;
}

interface ReportOptions {
  readonly format: ErrorFormat;
  /** Whether to show causes and stacks. */
  readonly debug: boolean;
  /** Cells of the terminal; null if it goes elsewhere, so that no line is broken. */
  readonly width: number | null;
  /** Paints the word `error:`. */
  readonly paint: (text: string) => string;
}

/** The report on anything that was thrown. Anything but a GlanceError is a bug, and is reported as one. */
export function reportError(thrown: unknown, options: ReportOptions): ErrorReport {
  const error = isOutOfFiles(thrown) ? outOfFiles(null, thrown) : thrown;
  if (!(error instanceof GlanceError)) return reportBug(error, options);
  const exit = exitCodeOf(error.code);
  if (options.format === 'json') return { exit, text: describe(error, exit) };
  const fit = (text: string, indent: string): string =>
    options.width === null || isAligned(text) ? indent + text : wrapWords(text, indent, Math.max(options.width, 20));
  const first = fit(`error: ${escapeControls(withOptions(error.message))} [${error.code}]`, '');
  const lines = [first.replace('error:', () => options.paint('error:'))];
  for (const line of details(error)) lines.push(fit(escapeControls(line), '  '));
  if (options.debug) lines.push(...causes(error).map((line) => escapeControls(line)));
  return { exit, text: `${lines.join('\n')}\n` };
}

/** Rows of a list must not be broken. */
function isAligned(text: string): boolean {
  return text.includes('  ');
}

/**
 * What to print when a signal ended the program.
 * @param error what the command failed with; its `partial` says what was kept
 */
export function reportInterruption(signalName: string, exit: number, error: unknown, format: ErrorFormat): string {
  const message = `stopped by ${signalName}`;
  const known = error instanceof GlanceError && error.code === 'interrupted' ? error : null;
  if (format === 'json') {
    const facts = known?.facts ?? {};
    return describe(new GlanceError('interrupted', message, facts), exit);
  }
  const lines = known === null ? [] : details(known).map((line) => escapeControls(line));
  return `${[message, ...lines].join('\n  ')}\n`;
}

function details(error: GlanceError): string[] {
  const { hint, steps = [], requestId, partial, attempts } = error.facts;
  const lines: string[] = [];
  if (error instanceof AmbiguousImageError) {
    lines.push(...alignCandidates(error.matches));
  }
  if (attempts !== undefined && attempts > 1) lines.push(`tried ${countOf(attempts, 'time')}`);
  if (partial !== undefined) lines.push(`kept ${formatBytes(partial.bytes)} in ${partial.path}`);
  if (hint !== undefined) lines.push(`hint: ${withOptions(hint)}`, ...steps.map((step) => `  ${withOptions(step)}`));
  if (requestId !== undefined) lines.push(`request id: ${requestId}`);
  return lines;
}

/** The line of `--error-format json`. Its keys are public interface; unset is null. */
function describe(error: GlanceError, exit: number): string {
  const { code, message, hint, failures, ...more } = error.toJSON();
  return jsonLine({
    code,
    exit,
    message: withOptions(message),
    hint: hint === null ? null : withOptions(hint),
    ...more,
    failures: failures?.map((failure) => ({ ...failure, message: withOptions(failure.message) })),
  });
}

function jsonLine(value: Record<string, unknown>): string {
  return `${escapeJson(JSON.stringify(value))}
`;
}

function causes(error: Error): string[] {
  const lines: string[] = [];
  let cause: unknown = error.cause;
  while (cause instanceof Error) {
    lines.push(`caused by: ${cause.name}: ${withOptions(cause.message)}`);
    cause = cause.cause;
  }
  return lines;
}

function reportBug(error: unknown, { format }: ReportOptions): ErrorReport {
  const message = error instanceof Error ? error.message : String(error);
  if (format === 'json') {
    const hint = 'this is a bug in glance-cli: please report it';
    const facts = {
      retryable: false,
      attempts: 1,
      image: null,
      url: null,
      http_status: null,
      request_id: null,
      partial: null,
    };
    return { exit: 1, text: jsonLine({ code: 'bug', exit: 1, message, hint, ...facts }) };
  }
  const stack = error instanceof Error ? (error.stack ?? message) : message;
  const text = `error: this is a bug in glance-cli, please report it\n${escapeControls(stack, { keepNewlines: true })}\n`;
  return { exit: 1, text };
}
