// The answer that carries JSON: with its length where it is short, else made while it is sent.
import type { Answer, HeaderPair } from './answer.ts';
import { type LazyRecord, toPythonJson, toUnicodeJson, writePieces } from './python-json.ts';

/** Characters that are gathered for the sake of a `Content-Length`; a longer answer is sent as it is made, without one. */
const maxGathered = 256 * 1024;

/**
 * A record as an answer of API v1 (ASCII only) or v2 (text outside ASCII is not escaped).
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
