// The parameters of a query as they came, and what both versions of the API make of them.
import { decodePercent } from '../answers/text-encoding.ts';
import type { ErrorAnswer } from '../answers/failure.ts';

/** A query's parameters as they came. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** Most images an answer has, whatever is asked for. */
export const maxLimit = 1000;

/** How many it has where nothing is asked for. */
export const defaultLimit = 25;

/** Parameters that a query may have: each may have to be compared with every image. A client of Glance sends a few. */
const maxParameters = 128;

/** The answer to a query that is not UTF-8. */
const undecodable: ErrorAnswer = {
  status: 400,
  explanation:
    'Error decoding your request. Either the URL or the request body contained characters that could not be decoded by Glance',
};

const tooMany: ErrorAnswer = { status: 400, explanation: `More than ${String(maxParameters)} parameters are given.` };

/** A query's parameters as they came, or why it is refused whatever they are. */
export function readPairs(query: string): Pairs | { readonly failure: ErrorAnswer } {
  const pairs = parsePairs(query);
  if (pairs === null) return { failure: undecodable };
  return pairs.length > maxParameters ? { failure: tooMany } : pairs;
}

/** A query's parameters as they came. Null if it is not UTF-8. */
function parsePairs(query: string): Pairs | null {
  const pairs: (readonly [string, string])[] = [];
  for (const pair of query.split(/[&;]/)) {
    if (pair === '') continue;
    const equals = pair.includes('=') ? pair.indexOf('=') : pair.length;
    const name = decodePercent(pair.slice(0, equals).replaceAll('+', ' '));
    const value = decodePercent(pair.slice(equals + 1).replaceAll('+', ' '));
    if (name === null || value === null) return null;
    pairs.push([name, value]);
  }
  return pairs;
}

/** What Python's int() makes of text; null where it raises. */
export function parseInteger(text: string): number | null {
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : null;
}
