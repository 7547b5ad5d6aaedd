// Glance's own answers, fetched without the program, to compare with.
import { imageKeys } from '../../../src/image/image.ts';
import { type Project, runningStack } from './stack.ts';

/** An image in Glance's JSON. */
export type WireImage = Readonly<Record<string, unknown>> & { readonly id: string };

/** GET with a token. */
export async function askGlance(path: string, as: Project = 'demo'): Promise<unknown> {
  const { glance, tokens } = runningStack();
  const answer = await fetch(glance + path, {
    headers: { 'X-Auth-Token': tokens[as], Accept: 'application/json' },
  });
  if (!answer.ok) throw new Error(`Glance answered ${String(answer.status)} to ${path}`);
  return answer.json();
}

const lists = new Map<string, Promise<readonly WireImage[]>>();

/** Every image in a list with these filters, sorted by id. Fetched once, as no test changes an image. */
export function listAll(filters = ''): Promise<readonly WireImage[]> {
  const asked = lists.get(filters) ?? walkList(filters);
  lists.set(filters, asked);
  return asked;
}

async function walkList(filters: string): Promise<readonly WireImage[]> {
  const all: WireImage[] = [];
  for (;;) {
    const marker = all.at(-1)?.id;
    const after = marker === undefined ? '' : `&marker=${marker}`;
    const path = `/v2/images?limit=1000&sort_key=id&sort_dir=asc${filters}${after}`;
    const { images } = (await askGlance(path)) as { images: readonly WireImage[] };
    if (images.length === 0) return all;
    all.push(...images);
  }
}

/** Keys of Glance's JSON that are links, not facts. */
const links: ReadonlySet<string> = new Set(['self', 'file', 'schema']);

/**
 * An image of Glance as the program has to print it: unset is null, any other key than those of the image model is a custom
 * property, stores are a list, tags are in alphabetical order. A list of pairs, since a property may be named `__proto__`.
 */
export function expectedImage(wire: WireImage): readonly (readonly [key: string, value: unknown])[] {
  const properties = Object.entries(wire).filter(([key]) => !isModelKey(key) && !links.has(key));
  return imageKeys.map((key) => {
    if (key === 'properties') return [key, sortPairs(properties)];
    const value = wire[key] ?? null;
    if (key === 'tags') return [key, (value as string[]).toSorted()];
    if (key === 'stores' && typeof value === 'string') return [key, value.split(',')];
    return [key, value];
  });
}

/** What the program printed, in the form of {@link expectedImage}. */
export function printedImage(image: unknown): readonly (readonly [key: string, value: unknown])[] {
  return Object.entries(image as Record<string, unknown>).map(([key, value]) => {
    if (key === 'tags') return [key, (value as string[]).toSorted()];
    if (key === 'properties') return [key, sortPairs(Object.entries(value as Record<string, unknown>))];
    return [key, value];
  });
}

function isModelKey(key: string): boolean {
  return imageKeys.some((known) => known === key);
}

function sortPairs(pairs: readonly (readonly [string, unknown])[]): readonly (readonly [string, unknown])[] {
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
