// Packages that are installed, as the databases of package managers tell of them. Public interface: unknown is null.
import { damaged, type Reads, unsupported } from '../blocks/reading.ts';
import { cutText } from '../parsing/bytes.ts';

export type PackageManager = 'dpkg' | 'apk' | 'rpm' | 'pacman';

/** What a package was built from. */
export interface SourcePackage {
  readonly name: string;
  /** Whole, as that of {@link InstalledPackage}. */
  readonly version: string | null;
}

/** A package that is installed. */
export interface InstalledPackage {
  readonly manager: PackageManager;
  readonly name: string;
  /** All of it, as its manager compares it: `[EPOCH:]VERSION[-RELEASE]`, such as `1:2.36-9`. */
  readonly version: string | null;
  /** Part of the version; null where it has none. */
  readonly epoch: number | null;
  /** Part of the version; null where it has none. */
  readonly release: string | null;
  /** In its manager's words, such as `amd64` or `x86_64`; null where the manager has none for it. */
  readonly architecture: string | null;
  /** What it was built from; null where that is not told. */
  readonly source: SourcePackage | null;
  /** As the package says it, which need not be SPDX; null where that is not told. */
  readonly licence: string | null;
}

/** What one package manager knows of a guest. */
export interface PackageDatabase {
  readonly manager: PackageManager;
  /** How many packages are installed, by the cheapest way that is sure. @throws UnreadableError */
  count(): Reads<number>;
  /** All of them, in the order of the database. @throws UnreadableError */
  list(): Reads<readonly InstalledPackage[]>;
}

/** Of one guest. */
const mostPackages = 100_000;
/** Characters of a name, a version and the like; no package has so many. */
const longestWord = 1000;
const longestLicence = 4096;

/** Refuses more than any guest has. @throws UnreadableError */
export function checkCount(count: number): void {
  if (count > mostPackages) unsupported('more packages than are read of a guest');
}

/** A short text of a database, without what is around it; null if it is empty. @throws UnreadableError for a long one */
export function wordOf(text: string | undefined): string | null {
  const word = text?.trim() ?? '';
  if (word.length > longestWord) damaged('a name or version of a package that is too long');
  return word === '' ? null : copyOf(word);
}

/** What is said of a licence; null if that is nothing. */
export function licenceOf(text: string | undefined): string | null {
  const licence = text?.trim() ?? '';
  return licence === '' ? null : copyOf(cutText(licence, longestLicence));
}

/** A part of a text would keep all of it in memory, which may be a lot for each package. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** The parts of `[EPOCH:]VERSION[-RELEASE]` that are packages' own. */
export function partsOf(version: string | null): Pick<InstalledPackage, 'version' | 'epoch' | 'release'> {
  if (version === null) return { version, epoch: null, release: null };
  const epoch = /^(\d{1,9}):/.exec(version)?.[1];
  const dash = version.lastIndexOf('-');
  const release = dash < 0 ? '' : version.slice(dash + 1);
  return { version, epoch: epoch === undefined ? null : Number(epoch), release: release === '' ? null : release };
}
