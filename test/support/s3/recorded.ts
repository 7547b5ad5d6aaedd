// The requests of test/fixtures/s3/, what two real stores answered to them, and what the double answers.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseAnswer, type RecordedAnswer } from '../recorded.ts';
import { ask, type Question, type Reply } from './ask.ts';
import { openS3, type S3Double } from './double.ts';
import type { Credentials } from './signature.ts';

const fixtures = new URL('../../fixtures/s3/', import.meta.url);

/** One request, as requests.json has it. */
interface Recipe {
  readonly name: string;
  readonly note: string;
  readonly method: string;
  /** Path and query; `{…}` stands for what an earlier answer had. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A body of that many zero bytes. */
  readonly fill?: number;
  readonly md5?: 'auto';
  /** The elements of the answer that later requests refer to. */
  readonly keep?: Readonly<Record<string, string>>;
  /** What is different in the signature; the skew in seconds. */
  readonly sign?: {
    readonly none?: boolean;
    readonly key?: string;
    readonly secret?: string;
    readonly skew?: number;
    readonly region?: string;
    readonly sha256?: string;
  };
}

export interface ComparedExchange {
  readonly name: string;
  readonly note: string;
  readonly recorded: RecordedAnswer;
  readonly ours: Reply;
}

export type RecordedStore = 'rgw' | 'swift';

/** The throwaway credentials that each was recorded with; the secret does not matter. */
const credentials: Readonly<Record<RecordedStore, Credentials>> = {
  rgw: { accessKeyId: 'RGWTESTACCESSKEY0000', secretAccessKey: 'secret' },
  swift: { accessKeyId: 'test:tester', secretAccessKey: 'secret' },
};

/** Asks the double everything that a store was asked, in the same order, except what created the bucket. */
export async function compareWithRecorded(store: RecordedStore): Promise<readonly ComparedExchange[]> {
  const recipes = JSON.parse(readFileSync(new URL('requests.json', fixtures), 'utf8')) as readonly Recipe[];
  const { double, close } = await openS3({
    flavour: store,
    buckets: { recorded: null },
    credentials: credentials[store],
  });
  const kept: Record<string, string> = {
    etag1: createHash('md5')
      .update(Buffer.alloc(5 * 1024 * 1024))
      .digest('hex'),
    etag2: createHash('md5').update('the end').digest('hex'),
  };
  const compared: ComparedExchange[] = [];
  for (const recipe of recipes.slice(1)) {
    const ours = await ask(double, questionOf(recipe, kept, double));
    for (const [name, element] of Object.entries(recipe.keep ?? {})) kept[name] = elementOf(ours, element);
    const recorded = parseAnswer(readFileSync(new URL(`${store}/${recipe.name}.http`, fixtures)));
    compared.push({ name: recipe.name, note: recipe.note, recorded, ours });
  }
  await close();
  return compared;
}

function elementOf({ body }: Reply, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(body.toString())?.[1] ?? '';
}

function questionOf(recipe: Recipe, kept: Readonly<Record<string, string>>, double: S3Double): Question {
  const { method, path, headers = {}, body = '', fill, md5, sign = {} } = recipe;
  const fillIn = (text: string, write: (value: string) => string): string =>
    text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (name in kept ? write(kept[name] ?? '') : whole));
  const { accessKeyId, secretAccessKey } = double.credentials;
  const as = { accessKeyId: sign.key ?? accessKeyId, secretAccessKey: sign.secret ?? secretAccessKey };
  const signing = {
    credentials: as,
    region: sign.region ?? double.region,
    at: Date.now() + (sign.skew ?? 0) * 1000,
    ...(sign.sha256 === undefined ? {} : { sha256: sign.sha256 }),
  };
  return {
    method,
    path: fillIn(path, encodeURIComponent),
    headers,
    body: fill === undefined ? fillIn(body, String) : Buffer.alloc(fill),
    md5: md5 === 'auto',
    sign: sign.none === true ? null : signing,
  };
}
