// What the tests know of the running stack. Null if none runs; then every test is skipped.
import { inject } from 'vitest';

/** One sample, as `seed/manifest.json` has it. Digests and size are of the data as it was uploaded. */
export interface Sample {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  /** Bytes. Null: no data. */
  readonly size: number | null;
  readonly md5: string | null;
  readonly sha512: string | null;
}

export interface Stack {
  /** Directory with clouds.yaml and tls/ca.pem. */
  readonly state: string;
  readonly keystone: string;
  readonly glance: string;
  readonly glanceTlsPort: string;
  /** Tokens of a user of the project of that name. */
  readonly tokens: Readonly<Record<Project, string>>;
  /** Ids of the projects. */
  readonly projects: Readonly<Record<Project, string>>;
  readonly samples: readonly Sample[];
  /** Whether `seed bulk 1100` has run. */
  readonly bulk: boolean;
}

export type Project = 'admin' | 'demo' | 'other';

declare module 'vitest' {
  interface ProvidedContext {
    stack: Stack | null;
  }
}

/** Null if no stack runs. */
export const stack = inject('stack');

/** The running stack. For use within tests, which are skipped without one. */
export function runningStack(): Stack {
  if (stack === null) throw new Error('no stack is up');
  return stack;
}

/** Id of the sample with this number. */
export function sampleId(number: number): string {
  return `5eed0000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function getSample(number: number): Sample {
  const sample = runningStack().samples.find(({ id }) => id === sampleId(number));
  if (sample === undefined) throw new Error(`no sample ${String(number)}`);
  return sample;
}
