// Option values from text. Each throws InvalidArgumentError, which commander turns into "option … argument … is invalid".
import { InvalidArgumentError } from 'commander';
import { type Digest, type DigestAlgorithm, digestAlgorithms, findAlgorithm, parseDigest } from '../../digests.ts';
import { GlanceError } from '../../errors.ts';
import type { SortKey } from '../../image/service.ts';
import { parseSize } from '../../output/size.ts';

/** A whole number within bounds. */
export function parseInteger(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= min && number <= max)) {
      const range =
        max === Number.MAX_SAFE_INTEGER ? `from ${String(min)} up` : `from ${String(min)} to ${String(max)}`;
      throw new InvalidArgumentError(`It has to be a whole number ${range}.`);
    }
    return number;
  };
}

/** Seconds, fractions allowed, as milliseconds. 0 means no limit. */
export function parseSeconds(text: string): number {
  const ms = /^\d{1,7}(?:\.\d{1,3})?$/.test(text) ? Math.round(Number(text) * 1000) : Number.NaN;
  // A longer timer than that fires at once.
  if (!(ms < 2 ** 31)) throw new InvalidArgumentError('It has to be a number of seconds, at most 24 days.');
  return ms;
}

/** Seconds as milliseconds, more than zero. */
export function parseWait(text: string): number {
  const ms = parseSeconds(text);
  if (ms === 0) throw new InvalidArgumentError('It has to be more than 0 seconds.');
  return ms;
}

/** Bytes, such as `512`, `10M`, `1.5GiB`. */
export function parseBytes(text: string): number {
  return asArgument(() => parseSize(text));
}

/** Bytes, at least one. */
export function parseRoom(text: string): number {
  const bytes = parseBytes(text);
  if (bytes < 1) throw new InvalidArgumentError('It has to be at least 1 byte.');
  return bytes;
}

/** Bytes a second, at least one. */
export function parseRate(text: string): number {
  const rate = parseBytes(text);
  if (rate < 1) throw new InvalidArgumentError('It has to be at least 1 byte a second.');
  return rate;
}

/** A time: ISO 8601 in UTC, or a number of milliseconds before the moment of each use. */
type Since = string | { readonly agoMs: number };

const unitMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000 };

/** A time such as `2026-01-31`, `2026-01-31T12:00:00Z`, or `7d`, `12h`, `30m` ago. A time without a zone is UTC. */
export function parseSince(text: string): Since {
  const [, amount = '', unit = ''] = /^(\d{1,6})([dhm])$/.exec(text) ?? [];
  const lengthMs = unitMs[unit];
  if (lengthMs !== undefined) return { agoMs: Number(amount) * lengthMs };
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:\d\d)?)?$/i.exec(text);
  const [, date = '', time = '00:00', zone = 'Z'] = parts ?? [];
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  if (parts === null || Number.isNaN(ms)) {
    throw new InvalidArgumentError(
      'It has to be a time such as 2026-01-31 or 2026-01-31T12:00:00Z, or 7d, 12h or 30m.',
    );
  }
  return new Date(ms).toISOString();
}

/** The time that is meant, as ISO 8601 in UTC; none before 1970. */
export function timeOf(since: Since | undefined, nowMs: number): string | undefined {
  return typeof since === 'object' ? new Date(Math.max(0, nowMs - since.agoMs)).toISOString() : since;
}

/** `name:asc,size:desc`; a key alone is ascending. */
export function parseSort(text: string): readonly SortKey[] {
  return text.split(',').map((part) => {
    const match = /^([a-z_]+)(?::(asc|desc))?$/.exec(part.trim());
    const [, key, direction] = match ?? [];
    if (key === undefined) throw new InvalidArgumentError('It has to be KEY[:asc|:desc],…, such as size:desc.');
    return { key, direction: direction === 'desc' ? 'desc' : 'asc' };
  });
}

/** Collects `KEY=VALUE`; the same key twice: the last wins. */
export function collectProperty(
  text: string,
  earlier: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('It has to be KEY=VALUE.');
  return new Map([...earlier, [text.slice(0, equals), text.slice(equals + 1)]]);
}

/** Collects what is given several times, in order. */
export function collect(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

/** Collects column names, several at a time if separated by commas. */
export function collectColumns(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, ...text.split(',').map((name) => name.trim())];
}

export function collectAlgorithm(text: string, earlier: readonly DigestAlgorithm[] = []): readonly DigestAlgorithm[] {
  const algorithm = findAlgorithm(text);
  if (algorithm === undefined) throw new InvalidArgumentError(`It has to be one of ${digestAlgorithms.join(', ')}.`);
  return [...earlier, algorithm];
}

export function collectDigest(text: string, earlier: readonly Digest[] = []): readonly Digest[] {
  return [...earlier, asArgument(() => parseDigest(text))];
}

/** The name of a file, or an address. An empty one is refused: it usually comes from an unset variable. */
export function parseFilled(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty: is a variable unset?');
  return text;
}

/** The name of a file; `-` is refused, since standard output is taken by something else. */
export function parseFile(text: string): string {
  if (text === '-') throw new InvalidArgumentError('It has to be a file: the result goes to standard output.');
  return parseFilled(text);
}

/** Ids of stores, separated by commas. Whether they can be ids is checked by the client. */
export function parseStores(text: string): readonly string[] {
  return text.split(',').map((id) => id.trim());
}

export function parseBoolean(text: string): boolean {
  if (!/^(?:true|false)$/i.test(text)) throw new InvalidArgumentError('It has to be true or false.');
  return text.toLowerCase() === 'true';
}

function asArgument<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof GlanceError)) throw error;
    const { hint } = error.facts;
    // The message follows a full stop.
    const message = error.message.charAt(0).toUpperCase() + error.message.slice(1);
    throw new InvalidArgumentError(hint === undefined ? `${message}.` : `${message}: ${hint}.`);
  }
}
