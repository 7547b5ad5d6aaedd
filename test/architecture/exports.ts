// Finds exports that nothing imports: what only its own file uses need not be exported, and what nothing uses is dead.
import { posix } from 'node:path';
import { scanSource, type Source } from './scan.ts';

/**
 * Exported names, of values and of types, that no file imports; `file: name`, sorted.
 * @param sources of src/, by their paths from there
 * @param readers that may import from them too, such as tests, by their paths from src/; those of scripts lead to dist/
 * @param entries whose exports are for others
 */
export function findUnusedExports(
  sources: readonly Source[],
  readers: readonly Source[],
  entries: readonly string[],
): string[] {
  const taken = new Set<string>();
  // Where it cannot be seen what is taken of a module, every word of the text may be.
  const texts = new Map<string, string>();
  const addText = (path: string, text: string): void => void texts.set(path, `${texts.get(path) ?? ''}\n${text}`);
  for (const source of sources) {
    for (const { specifier, names } of scanSource(source).imports) {
      const path = posix.join(posix.dirname(source.path), specifier);
      if (names === null) addText(path, source.text);
      else for (const name of names) taken.add(`${path}: ${name}`);
    }
  }
  // Tests are many: parsing them would take longer than all other checks.
  for (const { path, text } of readers) {
    for (const [, specifier = ''] of text.matchAll(/['"](\.[\w./-]+)\.[jt]s['"]/g)) {
      addText(`${posix.join(posix.dirname(path), specifier).replace(/^\.\.\/(?:src|dist)\//, '')}.ts`, text);
    }
  }
  const isTaken = (path: string, name: string): boolean =>
    taken.has(`${path}: ${name}`) || new RegExp(String.raw`\b${name}\b`).test(texts.get(path) ?? '');
  return sources
    .filter(({ path }) => !entries.includes(path))
    .flatMap((source) =>
      scanSource(source)
        .exports.filter((name) => !isTaken(source.path, name))
        .map((name) => `${source.path}: ${name}`),
    )
    .toSorted();
}
