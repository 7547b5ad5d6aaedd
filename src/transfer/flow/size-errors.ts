// The errors for too many and too few bytes, worded once.
import { SizeError } from '../../errors.ts';
import { countOf } from '../../text/count.ts';

/** More than the image has; both numbers are bytes. */
export function excessError(expected: number, actual: number): SizeError {
  const text = `the server sends more than the ${countOf(expected, 'byte')} that the image has`;
  return new SizeError('integrity.excess', text, { expected, actual });
}

/** A body that ended too soon; both numbers are bytes. */
export function truncatedError(expected: number, actual: number): SizeError {
  const text = `the connection was closed after ${String(actual)} of ${countOf(expected, 'byte')}`;
  return new SizeError('http.truncated', text, { expected, actual }, { hint: 'run the same command again' });
}
