// Answers with JSON: with its length if it is short, otherwise made while it is sent.
import type { Answer, HeaderPair } from './answer.ts';
import { type LazyRecord, toPythonJson, toUnicodeJson, writePieces } from './python-json.ts';

/**
 * Maximum number of characters to gather for the sake of a `Content-Length`. A longer answer is sent without one as it is made.
 */
const maxGathered = 256 * 1024;

/**
 * Answers with a record, for API v1 (ASCII only) or v2 (text outside ASCII is not escaped).
 * @see recorded exchange `show-properties`
 */
export function answerRecord(record: LazyRecord, api: 1 | 2): Answer {
  const pieces = writePieces(record, api === 1 ? toPythonJson : toUnicodeJson);
  const type: HeaderPair = ['Content-Type', 'application/json'];
  let text = '';
  while (text.length <= maxGathered) {
    const step = pieces.next();
    if (step.done === true) {
      const length: HeaderPair = ['Content-Length', String(Buffer.byteLength(text))];
      return { status: 200, statusText: 'OK', headers: api === 1 ? [type, length] : [length, type], body: text };
    }
    text += step.value;
  }
  return { status: 200, statusText: 'OK', headers: [type], body: { pieces: goOn(text, pieces) } };
}

function* goOn(first: string, rest: Iterable<string>): Generator<string> {
  yield first;
  yield* rest;
}
