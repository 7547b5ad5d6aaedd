// Installed packages, as listed in the databases of package managers. Public interface: unknown is null.
import { damaged, type Reads, unsupported } from '../blocks/reading.ts';
import { cutText } from '../parsing/bytes.ts';

export type PackageManager = 'dpkg' | 'apk' | 'rpm' | 'pacman';

/** What a package was built from. */
export interface SourcePackage {
  readonly name: string;
  /** Complete, like {@link InstalledPackage.version}. */
  readonly version: string | null;
}

/** An installed package. */
export interface InstalledPackage {
  readonly manager: PackageManager;
  readonly name: string;
  /** The complete version that its manager compares: `[EPOCH:]VERSION[-RELEASE]`, such as `1:2.36-9`. */
  readonly version: string | null;
  /** The epoch in the version; null if it has none. */
  readonly epoch: number | null;
  /** The release in the version; null if it has none. */
  readonly release: string | null;
  /** In the manager's terms, such as `amd64` or `x86_64`; null if it has none for the package. */
  readonly architecture: string | null;
  /** The source package; null if not recorded. */
  readonly source: SourcePackage | null;
  /** As the package states it, not necessarily in SPDX; null if not recorded. */
  readonly licence: string | null;
}

/** A package manager's database in a guest. */
export interface PackageDatabase {
  readonly manager: PackageManager;
  /** Number of installed packages, determined in the cheapest reliable way. @throws UnreadableError */
  count(): Reads<number>;
  /** All of them, in the order of the database. @throws UnreadableError */
  list(): Reads<readonly InstalledPackage[]>;
}

/** Packages in one guest. */
const mostPackages = 100_000;
/** Characters of a name, version and the like; no real one is as long. */
const longestWord = 1000;
const longestLicence = 4096;

/** Refuses implausibly many packages. @throws UnreadableError */
export function checkPackageCount(count: number): void {
  if (count > mostPackages) unsupported('there are too many packages to be read');
}

/** A short text, trimmed; null if it is empty. @throws UnreadableError if it is too long */
export function wordOf(text: string | undefined): string | null {
  const word = text?.trim() ?? '';
  if (word.length > longestWord) damaged('the name or version of a package is too long');
  return word === '' ? null : copyOf(word);
}

/** A trimmed licence; null if it is empty. */
export function licenceOf(text: string | undefined): string | null {
  const licence = text?.trim() ?? '';
  return licence === '' ? null : copyOf(cutText(licence, longestLicence));
}

/** A substring would keep the whole text in memory, possibly one for each package. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** Splits `[EPOCH:]VERSION[-RELEASE]`. */
export function partsOf(version: string | null): Pick<InstalledPackage, 'version' | 'epoch' | 'release'> {
  if (version === null) return { version, epoch: null, release: null };
  const epoch = /^(\d{1,9}):/.exec(version)?.[1];
  const dash = version.lastIndexOf('-');
  const release = dash < 0 ? '' : version.slice(dash + 1);
  return { version, epoch: epoch === undefined ? null : Number(epoch), release: release === '' ? null : release };
}
