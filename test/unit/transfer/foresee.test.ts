// What a download would do is known in advance: nothing is written, and nothing is requested.
import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import { downloadToFile } from '../../../src/transfer/download.ts';
import type { ImageIdentity } from '../../../src/transfer/flow/source.ts';
import { type Foreseen, foreseeDownload, type ForeseeOptions } from '../../../src/transfer/foresee.ts';
import { segment, simData, SimGlance } from '../../support/sim/sim-download.ts';
import { watchGlance } from '../../support/sim/sim-steps.ts';

const data = simData(1, 2);
const uid = process.getuid?.() ?? null;

interface Asked {
  readonly existing?: Buffer;
  readonly changes?: Partial<ImageIdentity>;
  readonly options?: Partial<ForeseeOptions>;
  /** Bytes that an earlier run left. */
  readonly left?: boolean;
}

async function foresee({
  existing,
  changes = {},
  options = {},
  left = false,
}: Asked): Promise<{ foreseen: Foreseen; heard: string[]; path: string }> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'glance-cli-test-')));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'image.raw');
  const glance = new SimGlance(data);
  const { source, options: watched } = watchGlance(glance);
  const target = { kind: 'file', path, existingSize: existing?.length ?? null, existingMode: null } as const;
  if (left) {
    glance.cutAfter = segment + 5;
    const own = {
      ...watched,
      force: false,
      mode: 0o600,
      uid,
      process: { pid: 1, platform: process.platform, isRunning: () => true },
    };
    await downloadToFile(source, target, own).catch(() => undefined);
  }
  if (existing !== undefined) await writeFile(path, existing);
  const before = await readdir(directory);
  const heard: string[] = [];
  const foreseen = await foreseeDownload({ ...source, image: { ...source.image, ...changes } }, target, {
    force: false,
    checkSpace: true,
    uid,
    signal: new AbortController().signal,
    observers: [{ update: ({ length }) => void heard.push(String(length)), reset: () => undefined }],
    approve: () => void heard.push('approve'),
    ...options,
  });
  expect(await readdir(directory)).toEqual(before);
  return { foreseen, heard, path };
}

const tooMuch = Number.MAX_SAFE_INTEGER;

describe('a download would', () => {
  it.each<[string, Asked, Foreseen, string[]]>([
    ['fetch what is missing', {}, { outcome: 'fetch', kept: 0, error: null }, []],
    ['fetch an image of unknown size', { changes: { size: null } }, { outcome: 'fetch', kept: 0, error: null }, []],
    ['resume what is left of it', { left: true }, { outcome: 'resume', kept: segment + 5, error: null }, []],
    [
      'do nothing if the image is there',
      { existing: data },
      { outcome: 'current', kept: 0, error: null },
      [String(data.length), 'approve'],
    ],
    [
      'do nothing if the image, of unknown size, is there',
      { existing: data, changes: { size: null } },
      { outcome: 'current', kept: 0, error: null },
      [String(data.length), 'approve'],
    ],
    [
      'replace other data on request',
      { existing: simData(2, 2), options: { force: true } },
      { outcome: 'fetch', kept: 0, error: null },
      [String(data.length)],
    ],
    [
      'replace a file of another length on request, without reading it',
      { existing: simData(1, 1), options: { force: true } },
      { outcome: 'fetch', kept: 0, error: null },
      [],
    ],
    [
      'not check the room if that is not wanted',
      { changes: { size: tooMuch }, options: { checkSpace: false } },
      { outcome: 'fetch', kept: 0, error: null },
      [],
    ],
  ])('%s', async (_what, asked, foreseen, expected) => {
    const { foreseen: found, heard } = await foresee(asked);
    expect([found, heard]).toEqual([foreseen, expected]);
  });

  it.each<[string, Asked, string, string[]]>([
    ['other data', { existing: simData(2, 2) }, 'it already exists, and is not this image', [String(data.length)]],
    ['data of another length', { existing: simData(1, 1) }, 'it already exists, and is not this image', []],
    [
      'data without a digest',
      { existing: data, changes: { digests: [] } },
      'it already exists, and without a digest there is no way to know whether it is this image',
      [],
    ],
  ])('be stopped by %s in the way', async (_what, asked, why, expected) => {
    const { foreseen, heard, path } = await foresee(asked);
    const error = expect.objectContaining({ code: 'io.exists', message: `${path}: ${why}` }) as GlanceError;
    expect([foreseen, heard]).toEqual([{ outcome: 'in_the_way', kept: 0, error }, expected]);
  });

  it('have no room', async () => {
    const { foreseen } = await foresee({ changes: { size: tooMuch } });
    const error = expect.objectContaining({ code: 'io.nospace' }) as GlanceError;
    expect(foreseen).toEqual({ outcome: 'fetch', kept: 0, error });
    expect(foreseen.error?.message).toContain(`needs ${String(tooMuch)} bytes`);
  });

  it('be refused by whoever does not approve', async () => {
    const refusal = new GlanceError('unsafe.image', 'no');
    const approve = (): void => {
      throw refusal;
    };
    await expect(foresee({ existing: data, options: { approve } })).rejects.toBe(refusal);
  });
});
