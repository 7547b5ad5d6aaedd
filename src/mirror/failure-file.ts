// failure.json in the directory of an image that cannot be copied: the reason, valid until its record changes. Pure.
import { parseObject } from './digests-file.ts';
import { type MirrorFailure, toFailure } from './index-file.ts';

export const failureName = 'failure.json';
/** Maximum size of the file, in bytes: a message has 2,000 characters, of up to six bytes each as JSON. */
export const maxFailureBytes = 16 * 1024;

/** The text of the file. */
export function formatFailure({ id, code, message, record }: MirrorFailure): string {
  return `${JSON.stringify({ schema: 1, id, code, message, record })}\n`;
}

/** @param id id of the image @returns null if it is not as {@link formatFailure} writes it, or is about another image */
export function parseFailure(text: string, id: string): MirrorFailure | null {
  const value = parseObject(text);
  if (value?.['schema'] !== 1) return null;
  const failure = toFailure(value);
  return failure?.id === id ? failure : null;
}
