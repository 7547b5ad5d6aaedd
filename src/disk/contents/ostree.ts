// The deployment of an OSTree that boots: a directory that is the root of the guest.
// @see https://ostreedev.github.io/ostree/deployment/
import { orElse, type Reads } from '../blocks/reading.ts';
import type { GuestFiles } from '../filesystems/guest-files.ts';
import { compareVersions, readBootEntries } from './boot-entries.ts';
import { type FoundFile, GuestTree, type Mount } from './guest-tree.ts';

/** Word of a kernel's command line that names the deployment to boot. */
const argument = 'ostree=';

/** The boot entries in boot partitions. They are read once, when first needed, since every volume may look like an OSTree. */
export class BootPartitions {
  readonly #volumes: readonly GuestFiles[];
  #links: readonly string[] | null = null;

  constructor(volumes: readonly GuestFiles[]) {
    this.#volumes = volumes;
  }

  /** The links to deployments in the first partition that has any, 32 at most, the one that boots first. */
  *links(): Reads<readonly string[]> {
    this.#links ??= yield* readFirstLinks(this.#volumes);
    return this.#links;
  }
}

/**
 * The deployment that boots: the boot entry with the highest version that leads to one. Without any, the first deployment
 * that is listed; null if there is none.
 * @param top the directory that has `ostree` in it
 * @throws UnreadableError
 */
export function* findDeployment(top: Mount, partitions: BootPartitions): Reads<Mount | null> {
  const tree = new GuestTree([top]);
  if (!(yield* tree.has('/ostree/deploy'))) return null;
  for (const links of [readLinks(tree, '/boot/loader/entries'), partitions.links()]) {
    for (const link of yield* links) {
      const found = yield* orElse(null, tree.find(link));
      if (found !== null && isDeployment(found)) return { at: [], files: found.files, root: found.ref };
    }
  }
  return yield* findFirst(tree, top.files);
}

function* readFirstLinks(volumes: readonly GuestFiles[]): Reads<readonly string[]> {
  for (const files of volumes) {
    const links = yield* readLinks(new GuestTree([{ at: [], files, root: files.root }]), '/loader/entries');
    if (links.length > 0) return links;
  }
  return [];
}

/** The links to deployments that boot entries name, such as `/ostree/boot.1/fedora/0123abcd/0`: highest version first. */
function* readLinks(tree: GuestTree, directory: string): Reads<readonly string[]> {
  // The kernels are read from the same entries, and what is damaged is reported with them.
  const entries = yield* readBootEntries(tree, directory, () => undefined);
  return entries
    .toSorted((left, right) => compareVersions(right, left))
    .flatMap(({ options }) => linkOf(options) ?? []);
}

/** The link to a deployment on the command line of a kernel; null for other systems. */
export function linkOf(options: readonly string[]): string | null {
  return options.find((option) => option.startsWith(argument))?.slice(argument.length) ?? null;
}

/** Whether it is `/ostree/deploy/NAME/deploy/CHECKSUM.SERIAL`, and not where a forged link would lead. */
function isDeployment({ kind, path: [first, second, , fourth, ...rest] }: FoundFile): boolean {
  return kind === 'directory' && first === 'ostree' && second === 'deploy' && fourth === 'deploy' && rest.length === 1;
}

function* findFirst(tree: GuestTree, files: GuestFiles): Reads<Mount | null> {
  const [name] = (yield* tree.list('/ostree/deploy')).map((entry) => entry.name);
  if (name === undefined) return null;
  const path = `/ostree/deploy/${name}/deploy`;
  const [deployment] = (yield* tree.list(path)).filter((entry) => !entry.name.endsWith('.origin'));
  return deployment === undefined ? null : { at: [], files, root: deployment.ref };
}
