// failure.json in the place of an image that cannot be had as it is: why, until its record changes. Pure.
import { parseObject } from './digests-file.ts';
import { type MirrorFailure, toFailure } from './index-file.ts';

export const failureName = 'failure.json';
/** Bytes that the file may have: a message has 2,000 characters, each of six bytes at most in JSON. */
export const maxFailureBytes = 16 * 1024;

/** Its text. */
export function formatFailure({ id, code, message, record }: MirrorFailure): string {
  return `${JSON.stringify({ schema: 1, id, code, message, record })}\n`;
}

/** @param id of the image @returns null for what is not as {@link formatFailure} writes it, or is of another image */
export function parseFailure(text: string, id: string): MirrorFailure | null {
  const value = parseObject(text);
  if (value?.['schema'] !== 1) return null;
  const failure = toFailure(value);
  return failure?.id === id ? failure : null;
}
