// The errors for too many and too few bytes, worded once. All numbers are bytes.
import { SizeError } from '../../errors.ts';
import { countOf } from '../../text/count.ts';

/** More than the image has. */
export function excessError(expected: number, actual: number): SizeError {
  const text = `the server sends more than the ${countOf(expected, 'byte')} that the image has`;
  return new SizeError('integrity.excess', text, { expected, actual });
}

/** A body that ended too soon. */
export function truncatedError(expected: number, actual: number): SizeError {
  const text = `the connection was closed after ${String(actual)} of ${countOf(expected, 'byte')}`;
  return new SizeError('http.truncated', text, { expected, actual }, { hint: 'run the same command again' });
}

/** A file that lacks bytes which were written to it. */
export function shortFileError(expected: number, actual: number): SizeError {
  const text = `only ${String(actual)} of the ${countOf(expected, 'byte')} written are in the file`;
  const hint = 'check the disk, then run the same command again';
  return new SizeError('io.error', text, { expected, actual }, { hint });
}
