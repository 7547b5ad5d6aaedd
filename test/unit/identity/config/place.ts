// A home directory with configuration files in it, and loading from there.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cloudFlag } from '../../../../src/cli/options/cloud-options.ts';
import type { Cloud } from '../../../../src/identity/config/cloud.ts';
import { type CloudSources, loadCloud } from '../../../../src/identity/config/load-cloud.ts';
import { tempDir } from '../../../support/temp-dir.ts';

export const cloudsPath = '.config/openstack/clouds.yaml';
export const securePath = '.config/openstack/secure.yaml';
export const vendorsPath = '.config/openstack/clouds-public.yaml';

export interface Asked {
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
  readonly mergeAll?: boolean;
  readonly fetchJson?: (url: URL) => Promise<unknown>;
}

export interface Place {
  readonly home: string;
  readonly sources: CloudSources;
  /** Loads what is there; for a test that expects a cloud. */
  readonly load: (asked?: Asked) => Promise<Cloud>;
  readonly find: (asked?: Asked) => Promise<Cloud | null>;
}

/** Flags by the names that the command gives them. */
export function nameFlag(name: string): string {
  return name === 'insecure' ? '--insecure' : cloudFlag(name);
}

/** Writes files, 0600, below a new home directory. The working directory is `work` in it. */
export async function makePlace(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<Place> {
  const home = await tempDir();
  await Promise.all(
    Object.entries(files).map(async ([name, content]) => {
      await mkdir(dirname(join(home, name)), { recursive: true });
      await writeFile(join(home, name), content, { mode: 0o600 });
    }),
  );
  const sources: CloudSources = {
    // No test reads the machine's own /etc/xdg.
    env: { XDG_CONFIG_DIRS: join(home, 'site') },
    flags: new Map(),
    nameOf: nameFlag,
    cwd: join(home, 'work'),
    platform: 'linux',
    homedir: home,
    uid: process.getuid?.() ?? null,
    mergeAll: false,
    fetchJson: (url) => Promise.reject(new Error(`nothing is fetched here, ${url.href} is`)),
  };
  const find = ({ env = {}, flags = {}, ...rest }: Asked = {}): Promise<Cloud | null> =>
    loadCloud({ ...sources, ...rest, env: { ...sources.env, ...env }, flags: new Map(Object.entries(flags)) });
  const load = async (asked?: Asked): Promise<Cloud> => {
    const cloud = await find(asked);
    if (cloud === null) throw new Error('there is no cloud');
    return cloud;
  };
  return { home, sources, load, find };
}

/** A place whose only cloud, `c`, has these settings, written in YAML's flow style. */
export function placeOf(settings: string): Promise<Place> {
  return makePlace({ [cloudsPath]: `clouds: {c: {${settings}}}` });
}

/** The `auth` of a cloud as an object. */
export function authOf(cloud: Cloud): Record<string, string> {
  return Object.fromEntries(cloud.auth);
}
