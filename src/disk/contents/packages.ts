// Which packages are installed, counted.
import { type Reads, together } from '../blocks/reading.ts';
import type { Packages } from './contents.ts';
import type { FoundFile, GuestTree } from './guest-tree.ts';

const pieceBytes = 256 * 1024;
/** Of a data base that is a text; that of 10,000 packages has 15 MB. */
const maxTextBytes = 64 * 1024 * 1024;
/** No line that counts is longer. */
const maxLineLength = 4096;

/** @see https://rpm.org/docs/latest/manual/ sqlite, ndb, and what BerkeleyDB was */
const rpmDirectories = ['/usr/lib/sysimage/rpm', '/var/lib/rpm'] as const;
const rpmNames = ['rpmdb.sqlite', 'Packages.db', 'Packages'] as const;

/** The packages, by the manager that has some; null if there is no data base of one. @throws UnreadableError */
export function* readPackages(tree: GuestTree): Reads<Packages | null> {
  let empty: Packages | null = null;
  for (const read of [readDpkg, readApk, readPacman, readRpm]) {
    const packages = yield* read(tree);
    if (packages !== null && packages.count !== 0) return packages;
    empty ??= packages;
  }
  return empty;
}

/** @see https://man7.org/linux/man-pages/man1/dpkg.1.html; status.d is how images without dpkg itself keep it */
function* readDpkg(tree: GuestTree): Reads<Packages | null> {
  const [status, names] = yield* together([
    tree.find('/var/lib/dpkg/status'),
    listNames(tree, '/var/lib/dpkg/status.d'),
  ]);
  const count = yield* countLines(
    status,
    (line) => line.startsWith('Status: ') && line.trimEnd().endsWith(' installed'),
  );
  const apart = names.filter((name) => !name.endsWith('.md5sums')).length;
  return count === null && apart === 0 ? null : { manager: 'dpkg', count: (count ?? 0) + apart };
}

function* listNames(tree: GuestTree, path: string): Reads<readonly string[]> {
  return (yield* tree.list(path)).map(({ name }) => name);
}

/** @see https://wiki.alpinelinux.org/wiki/Apk_spec */
function* readApk(tree: GuestTree): Reads<Packages | null> {
  for (const path of ['/lib/apk/db/installed', '/usr/lib/apk/db/installed']) {
    const count = yield* countLines(yield* tree.find(path), (line) => line.startsWith('P:'));
    if (count !== null) return { manager: 'apk', count };
  }
  return null;
}

/** A directory for each package. @see https://man.archlinux.org/man/pacman.8 */
function* readPacman(tree: GuestTree): Reads<Packages | null> {
  const path = '/var/lib/pacman/local';
  const names = yield* listNames(tree, path);
  return names.length === 0
    ? null
    : { manager: 'pacman', count: names.filter((name) => name !== 'ALPM_DB_VERSION').length };
}

function* readRpm(tree: GuestTree): Reads<Packages | null> {
  const paths = rpmDirectories.flatMap((directory) => rpmNames.map((name) => `${directory}/${name}`));
  const have = yield* together(paths.map((path) => tree.has(path)));
  return have.includes(true) ? { manager: 'rpm', count: null } : null;
}

/** Lines that count, of a file of any length; null if there is none. */
function* countLines(file: FoundFile | null, counts: (line: string) => boolean): Reads<number | null> {
  if (file?.kind !== 'file') return null;
  const decoder = new TextDecoder();
  let count = 0;
  let rest = '';
  for (let offset = 0; offset < maxTextBytes; offset += pieceBytes) {
    const bytes = yield* file.files.read(file.ref, offset, pieceBytes);
    if (bytes.length === 0) break;
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, maxLineLength);
    count += lines.filter(counts).length;
  }
  return count + (counts(rest) ? 1 : 0);
}
