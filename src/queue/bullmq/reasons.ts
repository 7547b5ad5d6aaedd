// Writes the reason for a failure as the text stored with the job, and reads it back.
import { type ErrorCode, errorCodes, type GlanceError } from '../../errors.ts';

const maxLength = 2000;
const known: ReadonlySet<string> = new Set(errorCodes);

/** `CODE MESSAGE`. Contains no secrets: errors arrive here as they leave the client. */
export function formatReason({ code, message }: GlanceError): string {
  return `${code} ${message}`.slice(0, maxLength);
}

/** Reads a reason, whoever wrote it. */
export function parseReason(text: string): { readonly code: ErrorCode; readonly message: string } {
  const short = text.slice(0, maxLength);
  const space = short.indexOf(' ');
  const code = space < 0 ? short : short.slice(0, space);
  return known.has(code)
    ? { code: code as ErrorCode, message: short.slice(space + 1) }
    : { code: 'worker.died', message: short };
}
