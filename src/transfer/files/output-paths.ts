// Every path that a download to a file may write, so that those of one call are told apart before anything is fetched. Pure.
import { basename, dirname, join } from 'node:path';
import { foldName } from './file-name.ts';

/** What a download may leave beside its target. */
export interface OutputKinds {
  /** `FILE.json` */
  readonly record: boolean;
  /** `FILE.corrupt` */
  readonly corrupt: boolean;
}

/** The paths of one target. Its parts, whose names hold a key, are one: `.FILE.*.part`. Locks are apart by their hash. */
export function outputPaths(target: string, { record, corrupt }: OutputKinds): readonly string[] {
  const [directory, name] = [dirname(target), basename(target)];
  const names = [name, `.${name}.*.part`];
  if (record) names.push(`${name}.json`, `.${name}.json.tmp`);
  if (corrupt) names.push(`${name}.corrupt`);
  return names.map((each) => join(directory, each));
}

/**
 * Which of several targets would write a path that another would write too, by name or by one that some file system takes for
 * the same.
 * @param targets absolute, links resolved
 */
export function findShared(targets: readonly string[], kinds: OutputKinds): readonly boolean[] {
  const paths = targets.map((target) => new Set(outputPaths(target, kinds).map(canonical)));
  const counts = new Map<string, number>();
  for (const path of paths.flatMap((own) => [...own])) counts.set(path, (counts.get(path) ?? 0) + 1);
  return paths.map((own) => [...own].some((path) => (counts.get(path) ?? 0) > 1));
}

/** The paths of one call, taken target by target. */
export class OutputPaths {
  readonly #taken = new Set<string>();

  /**
   * Takes all paths of a target, or none.
   * @param target absolute, links resolved
   * @returns the first of them that is taken already, by name or by one that some file system takes for the same; or null
   */
  claim(target: string, kinds: OutputKinds): string | null {
    const paths = outputPaths(target, kinds);
    const taken = paths.find((path) => this.#taken.has(canonical(path)));
    if (taken !== undefined) return taken;
    for (const path of paths) this.#taken.add(canonical(path));
    return null;
  }
}

/** What a part, its record or a note beside it is called, whatever the key: one may be the name of another's image. */
const partEnd = /\.(?:\*|[0-9a-f]{12})\.part(?:\.json(?:\.tmp)?|\.claim)?$/;

function canonical(path: string): string {
  const name = foldName(basename(path));
  return join(dirname(path), name.startsWith('.') ? name.replace(partEnd, '.*.part') : name);
}
