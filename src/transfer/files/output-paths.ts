// All paths that a download to a file may write, so that conflicts within a call are found before anything is fetched.
// Pure.
import { basename, dirname, join } from 'node:path';
import { foldName } from './file-name.ts';

/** What a download may leave beside its target. */
export interface OutputKinds {
  /** `FILE.json` */
  readonly record: boolean;
  /** `FILE.corrupt` */
  readonly corrupt: boolean;
}

/**
 * The paths of one target. Its part files, whose names contain a key, count as one: `.FILE.*.part`. Locks have unique
 * hashes.
 */
function outputPaths(target: string, { record, corrupt }: OutputKinds): readonly string[] {
  const [directory, name] = [dirname(target), basename(target)];
  const names = [name, `.${name}.*.part`];
  if (record) names.push(`${name}.json`, `.${name}.json.tmp`);
  if (corrupt) names.push(`${name}.corrupt`);
  return names.map((each) => join(directory, each));
}

/**
 * Finds the targets that would write to the same path as another one: under the same name, or under one that some file system
 * treats as the same.
 * @param targets absolute, links resolved
 */
export function findShared(targets: readonly string[], kinds: OutputKinds): readonly boolean[] {
  const paths = targets.map((target) => new Set(outputPaths(target, kinds).map(canonical)));
  const counts = new Map<string, number>();
  for (const path of paths.flatMap((own) => [...own])) counts.set(path, (counts.get(path) ?? 0) + 1);
  return paths.map((own) => [...own].some((path) => (counts.get(path) ?? 0) > 1));
}

/** The paths of one call, claimed target by target. */
export class OutputPaths {
  readonly #taken = new Set<string>();

  /**
   * Claims all paths of a target, or none.
   * @param target absolute, links resolved
   * @returns the first path already claimed, under the same name or one that some file system treats as the same; or null
   */
  claim(target: string, kinds: OutputKinds): string | null {
    const paths = outputPaths(target, kinds);
    const taken = paths.find((path) => this.#taken.has(canonical(path)));
    if (taken !== undefined) return taken;
    for (const path of paths) this.#taken.add(canonical(path));
    return null;
  }
}

/** Names of part files, their records and notes, whatever the key: another image could have such a name. */
const partEnd = /\.(?:\*|[0-9a-f]{12})\.part(?:\.json(?:\.tmp)?|\.claim)?$/;

function canonical(path: string): string {
  const name = foldName(basename(path));
  return join(dirname(path), name.startsWith('.') ? name.replace(partEnd, '.*.part') : name);
}
