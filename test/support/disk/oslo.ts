// Glance's own content inspection: its recorded verdicts on disk images, and how to run it where it is installed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sample } from './corpus.ts';

/** Disk formats that images are declared to have. */
export const declaredFormats = ['raw', 'qcow2', 'vhd', 'vhdx', 'vmdk', 'vdi', 'iso', 'ploop', 'ami'] as const;

export interface OsloVerdict {
  /** Names of the formats that match; null if the inspection fails. */
  readonly matches: readonly string[] | null;
  /** Those of {@link declaredFormats} with which an upload is accepted. */
  readonly accepted: readonly string[];
}

const script = fileURLToPath(new URL('../../disk-tools/ask-oslo.py', import.meta.url));

/** Folders with oslo_utils/, such as checkouts of several versions; '' is the installed one. Empty if there is none. */
export function findOslo(): readonly string[] {
  const named = (process.env['OSLO_UTILS'] ?? '').split(':').filter((folder) => folder !== '');
  return (named.length > 0 ? named : ['']).filter((folder) => {
    const { status } = spawnSync('python3', [script, ...argumentsFor(folder)], {
      input: '',
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    return status === 0;
  });
}

function argumentsFor(folder: string): readonly string[] {
  return folder === '' ? [] : [folder];
}

/** Its verdicts, in the order of the samples. */
export function askOslo(folder: string, samples: readonly Pick<Sample, 'bytes'>[]): readonly OsloVerdict[] {
  const work = mkdtempSync(join(tmpdir(), 'oslo-'));
  try {
    const questions = samples.map(({ bytes }, index) => {
      const path = join(work, String(index));
      writeFileSync(path, bytes);
      return JSON.stringify({ path, formats: declaredFormats });
    });
    const options = { input: questions.join('\n'), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const;
    const text = execFileSync('python3', [script, ...argumentsFor(folder)], options);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as OsloVerdict);
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Verdicts with the names of their samples, one line of JSON each. */
export function linesOf(samples: readonly Pick<Sample, 'name'>[], verdicts: readonly OsloVerdict[]): string {
  return samples.map(({ name }, at) => `${JSON.stringify({ name, ...verdicts[at] })}\n`).join('');
}
