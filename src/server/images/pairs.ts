// The parameters of a query as received, and how both versions of the API interpret them.
import { decodePercent } from '../answers/text-encoding.ts';
import type { ErrorAnswer } from '../answers/failure.ts';

/** The parameters of a query as received. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** Maximum number of images in an answer, whatever is requested. */
export const maxLimit = 1000;

/** Images in an answer if the query has no limit. */
export const defaultLimit = 25;

/** Maximum number of parameters of a query: each may have to be compared with every image. A Glance client sends only a few. */
const maxParameters = 128;

/** The answer to a query that is not UTF-8. */
const undecodable: ErrorAnswer = {
  status: 400,
  explanation:
    'Error decoding your request. Either the URL or the request body contained characters that could not be decoded by Glance',
};

const tooMany: ErrorAnswer = { status: 400, explanation: `More than ${String(maxParameters)} parameters are given.` };

/** The parameters of a query as received, or why the query is refused. */
export function readPairs(query: string): Pairs | { readonly failure: ErrorAnswer } {
  const pairs = parsePairs(query);
  if (pairs === null) return { failure: undecodable };
  return pairs.length > maxParameters ? { failure: tooMany } : pairs;
}

/** Null if the query is not UTF-8. */
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

/** What Python's int() makes of a text; null if it raises. */
export function parseInteger(text: string): number | null {
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : null;
}
