// The packages of Red Hat, SUSE and their derivatives. @see https://rpm.org/docs/latest/manual/
import type { Blocks } from '../../blocks/blocks.ts';
import { PagedBlocks } from '../../blocks/paged.ts';
import { type Reads, together, unsupported } from '../../blocks/reading.ts';
import type { FoundFile, GuestTree } from '../../contents/guest-tree.ts';
import { openFile } from '../file-blocks.ts';
import type { InstalledPackage, PackageDatabase } from '../installed-package.ts';
import { openBerkeley } from './berkeley.ts';
import type { HeaderStore } from './header-store.ts';
import { parseHeader } from './header.ts';
import { openNdb } from './ndb.ts';
import { openSqlite } from './sqlite-store.ts';

/** The current place, the former one, and that of rpm-ostree. */
const directories = ['/usr/lib/sysimage/rpm', '/var/lib/rpm', '/usr/share/rpm'] as const;
/** Newest kind first: whatever is left of another after a conversion is outdated. */
const kinds = ['rpmdb.sqlite', 'Packages.db', 'Packages'] as const;
/** Listing reads nearly all of a database, counting only scattered pages. */
const listPieceBytes = 256 * 1024;

type Kind = (typeof kinds)[number];

/** rpm's database; null if there is none. @throws UnreadableError */
export function* findRpm(tree: GuestTree): Reads<PackageDatabase | null> {
  const places = directories.flatMap((directory) => kinds.map((kind) => ({ kind, path: `${directory}/${kind}` })));
  const found = yield* together(places.map(({ path }) => tree.find(path)));
  for (const [index, { kind, path }] of places.entries()) {
    const file = found[index] ?? null;
    if (file?.kind !== 'file') continue;
    return {
      manager: 'rpm',
      *count() {
        return yield* (yield* openStore(tree, { kind, path, file })).count();
      },
      *list() {
        const packages: InstalledPackage[] = [];
        const store = yield* openStore(tree, { kind, path, file }, listPieceBytes);
        yield* store.read((header) => packages.push(parseHeader(header)));
        return packages;
      },
    };
  }
  return null;
}

function* openStore(
  tree: GuestTree,
  { kind, path, file }: { readonly kind: Kind; readonly path: string; readonly file: FoundFile },
  pieceBytes?: number,
): Reads<HeaderStore> {
  const opened = yield* openFile(file);
  if (opened.size === 0) return nothing;
  const blocks = new PagedBlocks(opened, pieceBytes);
  if (kind === 'Packages.db') return yield* openNdb(opened);
  if (kind === 'Packages') return yield* openBerkeley(blocks);
  const [log, journal] = yield* together([openBeside(tree, `${path}-wal`), openBeside(tree, `${path}-journal`)]);
  if (journal !== null) unsupported('the rpm database has an unfinished transaction');
  return yield* openSqlite(blocks, log);
}

/** Opens a file unless it is empty. */
function* openBeside(tree: GuestTree, path: string): Reads<Blocks | null> {
  const file = yield* tree.find(path);
  const blocks = file?.kind === 'file' ? yield* openFile(file) : null;
  return blocks === null || blocks.size === 0 ? null : blocks;
}

const nothing: HeaderStore = {
  // oxlint-disable-next-line require-yield -- it is empty
  *count() {
    return 0;
  },
  // oxlint-disable-next-line require-yield -- it is empty
  *read() {},
};
