// Everything that is looked for in a guest, cheapest and most telling first: if reading has to stop, what was found stays.
import { type Reads, type Skip, together, UnreadableError } from '../blocks/reading.ts';
import type { InstalledPackage } from '../packages/installed-package.ts';
import { cutText } from '../parsing/bytes.ts';
import type { PartitionTable } from '../parsing/finding.ts';
import { type Hazard, hazard, hazardCodes } from '../parsing/hazards.ts';
import { hasGuestAgent, readInitialisation } from './agents.ts';
import { type Claims, compareArchitecture, compareSystem } from './claims.ts';
import { type Contents, type OperatingSystem, unreadContents } from './contents.ts';
import { lastDayOf } from './end-of-life.ts';
import { readArchitecture } from './elf.ts';
import type { GuestTree } from './guest-tree.ts';
import { readKernels } from './kernels.ts';
import { findHostKeys, findPasswords, findTraces, readMachineId } from './leftovers.ts';
import { readOperatingSystem } from './os-release.ts';
import { countPackages, listPackages } from './packages.ts';

type Changeable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What is known so far; filled in while reading. */
export interface ContentsDraft extends Changeable<Contents> {
  /** Null if there is none, or if that is not known. */
  partitions: PartitionTable | null;
  /** All installed packages; null if they were not asked for, or could not all be read. */
  installed: readonly InstalledPackage[] | null;
  readonly hazards: Hazard[];
  /** What could not be read, for people. Not escaped: may quote the disk. */
  readonly troubles: string[];
}

export function emptyDraft(): ContentsDraft {
  return { ...unreadContents(null), partitions: null, installed: null, hazards: [], troubles: [] };
}

const order = Object.keys(hazardCodes);

/** The hazards found so far, sorted by code: the order in which they are found depends on the file system. */
export function hazardsOf({ hazards }: ContentsDraft): readonly Hazard[] {
  return hazards.toSorted((left, right) => order.indexOf(left.code) - order.indexOf(right.code));
}

/** What the contents are compared with. */
export interface Expectations {
  readonly claims: Claims;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  /** Whether packages are listed, not only counted. Default: false. */
  readonly listsPackages?: boolean | undefined;
}

/** Adds the operating system to the draft, unless it is known. */
export function* collectSystem(tree: GuestTree, draft: ContentsDraft, { claims, now }: Expectations): Reads<void> {
  if (draft.os !== null) return;
  yield* attempt(draft, 'its os-release', readOperatingSystem(tree), (os) => {
    draft.os = os;
    if (os !== null) draft.hazards.push(...ageOf(os, now), ...compareSystem(claims, os));
  });
}

/** Adds everything else to the draft. Damage is noted there, and reading continues with the rest. */
export function* collect(tree: GuestTree, draft: ContentsDraft, expected: Expectations): Reads<void> {
  yield* collectSystem(tree, draft, expected);
  yield* attempt(draft, 'its programs', readArchitecture(tree), (architecture) => {
    if (draft.os === null || architecture === null) return;
    draft.os = { ...draft.os, architecture };
    draft.hazards.push(...compareArchitecture(expected.claims, architecture));
  });
  const skip: Skip = (path, error) => noteTrouble(draft, cutText(path, 100), error);
  yield* together([
    attempt(draft, 'its kernels', readKernels(tree, skip), (kernels) => {
      draft.kernels = kernels;
    }),
    attempt(draft, 'its cloud-init', readInitialisation(tree), ({ cloudInit, isThere }) => {
      draft.cloud_init = cloudInit;
      if (!isThere && draft.os !== null)
        draft.hazards.push(hazard('cloud_init_missing', 'it has neither cloud-init nor a similar tool'));
    }),
    attempt(draft, 'its guest agent', hasGuestAgent(tree), (has) => {
      draft.guest_agent = has;
    }),
    attempt(draft, 'its machine id', readMachineId(tree), (id) => {
      draft.machine_id = id;
      if (id === 'set')
        draft.hazards.push(hazard('machine_id_set', 'it has a machine id, which all its guests would share'));
    }),
    addHazards(draft, findHostKeys(tree, skip)),
    addHazards(draft, findPasswords(tree, skip)),
  ]);
  yield* addHazards(draft, findTraces(tree, skip));
  const note = (packages: Contents['packages']): void => {
    draft.packages = packages;
  };
  if (expected.listsPackages === true) {
    yield* attempt(draft, 'its packages', listPackages(tree, note), (installed) => {
      draft.installed = installed;
    });
  } else yield* attempt(draft, 'its packages', countPackages(tree, note), () => undefined);
}

/** Notes that something could not be read, and so is missing. */
export function noteTrouble(draft: ContentsDraft, what: string, error: unknown): void {
  if (!(error instanceof UnreadableError)) throw error;
  if (draft.why === null || error.why === 'damaged') draft.why = error.why;
  if (draft.troubles.length < 20) draft.troubles.push(`${what}: ${error.message}`);
}

function* attempt<T>(draft: ContentsDraft, what: string, reads: Reads<T>, keep: (value: T) => void): Reads<void> {
  try {
    keep(yield* reads);
  } catch (error) {
    noteTrouble(draft, what, error);
  }
}

function* addHazards(draft: ContentsDraft, reads: Reads<readonly Hazard[]>): Reads<void> {
  draft.hazards.push(...(yield* reads));
}

function ageOf({ id, version_id: version, pretty_name: name }: OperatingSystem, now: number): readonly Hazard[] {
  const day = id === null || version === null ? null : lastDayOf(id, version);
  if (day === null || now < Date.parse(day) + 24 * 60 * 60 * 1000) return [];
  return [
    hazard('end_of_life', `${name ?? `${String(id)} ${String(version)}`} has had no security updates since ${day}`),
  ];
}
