// A home directory with AWS's shared files in it, and access read from there.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Secrets } from '../../../../src/http/secrets/secrets.ts';
import type { S3Keys } from '../../../../src/s3/access.ts';
import { type ConfiguredAccess, openAccess } from '../../../../src/s3/config/open-access.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { tempDir } from '../../../support/temp-dir.ts';

export const signal = new AbortController().signal;

export type Environment = Readonly<Record<string, string>>;

export interface Place {
  readonly home: string;
  readonly clock: ManualClock;
  readonly secrets: Secrets;
  /** Everything that `--debug` would show. */
  readonly wire: string[];
  readonly open: (env?: Environment, endpoint?: string | null) => Promise<ConfiguredAccess>;
  /** The keys of the first request for them. */
  readonly keys: (env?: Environment) => Promise<S3Keys>;
}

/** Writes files, 0600, below a new home directory. The working directory is `work` in it. No metadata service is asked. */
export async function makePlace(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<Place> {
  const home = await tempDir();
  await Promise.all(
    Object.entries(files).map(async ([name, content]) => {
      await mkdir(dirname(join(home, name)), { recursive: true });
      await writeFile(join(home, name), content, { mode: 0o600 });
    }),
  );
  const clock = new ManualClock();
  const secrets = new Secrets();
  const wire: string[] = [];
  const open: Place['open'] = (env = {}, endpoint = null) => {
    const uid = process.getuid?.() ?? null;
    const place = {
      env: { AWS_EC2_METADATA_DISABLED: 'true', ...env },
      platform: 'linux' as const,
      cwd: join(home, 'work'),
      homedir: home,
      uid,
    };
    const onWire = ({ lines }: { readonly lines: readonly string[] }): void => void wire.push(...lines);
    const how = { clock, userAgent: 'test', retry: { retries: 0 }, secrets, onWire };
    return openAccess(place, { endpoint }, how, signal);
  };
  const keys: Place['keys'] = async (env) => (await open(env)).access.keys(null, signal);
  return { home, clock, secrets, wire, open, keys };
}

/** Everything that an error says, including its causes and facts. */
export function everythingIn(error: unknown): string {
  const parts: string[] = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    parts.push(each.message, JSON.stringify(Object.entries(each)));
  }
  return parts.join('\n');
}
