// What a download to a stream and a copy to an object store do, step by step: events, requests, and what is passed on.
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import type { DownloadOptions, DownloadResult } from '../../../src/transfer/download-options.ts';
import { downloadToStream } from '../../../src/transfer/download-stream.ts';
import type { DownloadSource } from '../../../src/transfer/flow/source.ts';
import { PartMemory } from '../../../src/transfer/upload/part-memory.ts';
import { uploadImage } from '../../../src/transfer/upload/upload.ts';
import { UploadLostError } from '../../../src/transfer/upload/object-target.ts';
import { segment, simData, SimGlance, type StoreKind } from '../../support/sim/sim-download.ts';
import { SimObjects } from '../../support/sim/sim-objects.ts';
import { breakingGlance, watchGlance } from '../../support/sim/sim-steps.ts';

interface Ran {
  readonly events: readonly string[];
  readonly result: DownloadResult | null;
  readonly error: GlanceError | null;
}

type Changes = Partial<DownloadOptions> & { readonly source?: Partial<DownloadSource> };

async function run(
  glance: SimGlance,
  { source: changes, ...overrides }: Changes,
  work: (source: DownloadSource, options: DownloadOptions) => Promise<DownloadResult>,
): Promise<Ran> {
  const { events, source, options } = watchGlance(glance, changes);
  try {
    return { events, result: await work(source, { ...options, ...overrides }), error: null };
  } catch (error) {
    if (!(error instanceof GlanceError)) throw error;
    return { events, result: null, error };
  }
}

async function toStream(
  glance: SimGlance,
  changes: Changes = {},
): Promise<Ran & { passed: Buffer; listeners: number }> {
  const chunks: Buffer[] = [];
  const stream = new Writable({ write: (chunk: Buffer, _encoding, taken) => taken(void chunks.push(chunk)) });
  const ran = await run(glance, changes, (source, options) => downloadToStream(source, stream, 'pipe', options));
  return { ...ran, passed: Buffer.concat(chunks), listeners: stream.listenerCount('error') };
}

const kinds = ['held in memory', 'streamed'] as const;
const toStore = (
  glance: SimGlance,
  store: SimObjects,
  kind: (typeof kinds)[number],
  changes: Changes = {},
): Promise<Ran> =>
  run(glance, changes, (source, options) =>
    uploadImage(source, store, new PartMemory(400_000), options, () => ({
      bytes: 100_000,
      isStreamed: kind === 'streamed',
    })),
  );

const wrong = [{ algorithm: 'md5', hex: '0'.repeat(32) }] as const;
const retried = 'retry 2 0 net.reset the connection was reset 65541';
const whole = ['progress 65536 131149', 'progress 131072 131149', 'progress 131149 131149', 'verify sha256', 'approve'];
const sha256 = [{ algorithm: 'sha256', hex: '602c5f5b893f4959ac5bae903d085279f82409e02adef239d7f1bef71d87d779' }];
const outcome = {
  outcome: 'downloaded',
  path: null,
  bytes: 131149,
  digests: sha256,
  verifiedBy: 'sha256',
  resumedFrom: 0,
  retries: 0,
};

describe('a stream', () => {
  it('gets every byte, and is released', async () => {
    const glance = new SimGlance(simData(1, 2));
    const { events, result, passed, listeners } = await toStream(glance);
    expect(events).toEqual(['start image 131149 0', 'GET all', ...whole, 'done 131149 3']);
    expect(result).toEqual({ ...outcome, seconds: 3, bytesPerSecond: 131149 / 3 });
    expect([passed.equals(glance.data), listeners]).toEqual([true, 0]);
  });

  it('has no speed if no time passed', async () => {
    const { result } = await toStream(new SimGlance(Buffer.alloc(0)));
    expect(result).toMatchObject({ seconds: 0, bytesPerSecond: null, bytes: 0 });
  });

  it.each<[string, StoreKind, boolean, string[]]>([
    ['gets the rest', 'works', true, ['GET 65541-196685', 'progress 131077 196685']],
    [
      'gets the rest of the whole image, if ranges are refused',
      'refused',
      true,
      ['GET 65541-196685', 'GET all', 'progress 131072 196685'],
    ],
    [
      'gets the rest of the whole image, if ranges are ignored',
      'ignored',
      true,
      ['GET 65541-196685', 'progress 131072 196685'],
    ],
    ['gets the rest of the whole image, without a digest', 'works', false, ['GET all', 'progress 131072 196685']],
  ])('that breaks %s', async (_what, store, hasDigest, then) => {
    const glance = breakingGlance(3, store);
    const image = { ...glance.image, digests: hasDigest ? glance.image.digests : [] };
    const heard: Buffer[] = [];
    const observers = [{ update: (bytes: Uint8Array) => void heard.push(Buffer.from(bytes)), reset: () => undefined }];
    const changes = { source: { image, refresh: () => Promise.resolve(image) }, retry: { retries: 1 }, observers };
    const { events, passed, result } = await toStream(glance, changes);
    const start = ['start image 196685 0', 'GET all', 'progress 65536 196685', retried, 'GET record'];
    expect(events.slice(0, start.length + then.length)).toEqual([...start, ...then]);
    expect([passed.equals(glance.data), Buffer.concat(heard).equals(glance.data)]).toEqual([true, true]);
    expect(result).toMatchObject({ retries: 1, resumedFrom: 0, verifiedBy: hasDigest ? 'sha256' : null });
  });

  it('requests no more ranges once one is refused', async () => {
    const glance = breakingGlance(3, 'refused');
    glance.onCut = () => {
      glance.cutAfter = 2 * segment + 9;
      glance.onCut = () => undefined;
    };
    const { events, passed } = await toStream(glance, { retry: { retries: 2 } });
    expect(events.filter((each) => each.startsWith('GET'))).toEqual([
      'GET all',
      'GET record',
      'GET 65541-196685',
      'GET all',
      'GET record',
      'GET all',
    ]);
    expect(passed.equals(glance.data)).toBe(true);
  });

  it('gets the whole image at last if ranges fail in ways that may pass', async () => {
    const glance = breakingGlance(3);
    const { open } = glance.source();
    const failure = new GlanceError('http.503', 'the server is busy');
    const source: Partial<DownloadSource> = {
      open: async (range, signal) => {
        if (range !== null) throw failure;
        return await open(range, signal);
      },
    };
    const { events, passed } = await toStream(glance, { source, retry: { retries: 1 } });
    expect(events.filter((each) => !each.startsWith('progress'))).toEqual([
      'start image 196685 0',
      'GET all',
      retried,
      'GET record',
      'GET 65541-196685',
      'GET record',
      'GET all',
      'verify sha256',
      'approve',
      'done 196685 5',
    ]);
    expect(passed.equals(glance.data)).toBe(true);
  });

  it('is told that it got bad data, which cannot be taken back', async () => {
    const glance = new SimGlance(simData(1, 2));
    const image = { ...glance.image, digests: wrong };
    const { events, error, listeners } = await toStream(glance, { source: { image } });
    expect(events.slice(-2)).toEqual(['verify md5', 'failed 131149 null']);
    expect(error?.facts).toEqual({ hint: 'its reader has received bad data: discard what it made of that' });
    expect(listeners).toBe(0);
  });
});

describe.each(kinds)('an object in parts that are %s', (kind) => {
  it('exists once everything is verified', async () => {
    const store = new SimObjects();
    const { events, result } = await toStore(new SimGlance(simData(1, 2)), store, kind);
    expect(events).toEqual(['start image 131149 0', 'GET all', ...whole, 'sync', 'done 131149 3']);
    expect(result).toEqual({ ...outcome, seconds: 3, bytesPerSecond: 131149 / 3 });
    expect(store.object?.equals(simData(1, 2))).toBe(true);
  });

  it('is nothing, and has no speed, if it has no bytes', async () => {
    const { result } = await toStore(new SimGlance(Buffer.alloc(0)), new SimObjects(), kind);
    expect(result).toMatchObject({ seconds: 0, bytesPerSecond: null, bytes: 0 });
  });

  it('is fetched from the start if the image is replaced meanwhile', async () => {
    const glance = breakingGlance(3);
    glance.onCut = () => (glance.data = simData(2, 2));
    const store = new SimObjects();
    const resets: string[] = [];
    const observers = [{ update: () => void resets.push('bytes'), reset: () => void resets.push('reset') }];
    const { events, result } = await toStore(glance, store, kind, { retry: { retries: 1 }, observers });
    expect(events.filter((each) => !each.startsWith('progress'))).toEqual([
      'start image 196685 0',
      'GET all',
      retried,
      'GET record',
      'failed 65541 null',
      'GET record',
      'restart integrity.changed image: the image was replaced during the download; all of it is fetched again',
      'GET all',
      'verify sha256',
      'approve',
      'sync',
      'done 131149 4',
    ]);
    expect(result).toMatchObject({ retries: 0, seconds: 4, bytesPerSecond: 131149 / 4 });
    expect([resets[0], resets.lastIndexOf('reset') > 1]).toEqual(['reset', true]);
    expect(store.object?.equals(simData(2, 2))).toBe(true);
  });

  it('is left to be resumed if the store fails', async () => {
    const store = new SimObjects();
    store.onPart = () => {
      throw new GlanceError('io.closed', 'enough');
    };
    const { events, error } = await toStore(new SimGlance(simData(1, 2)), store, kind);
    expect(events.at(-1)).toMatch(/^failed (\d+) kept \1$/);
    const hint = 'run the same command again: it resumes from there';
    expect(error?.facts).toMatchObject({ hint, partial: { path: store.name } });
  });
});

describe('an upload that is lost', () => {
  it('is begun again', async () => {
    const store = new SimObjects();
    store.onPart = () => {
      store.onPart = () => undefined;
      throw new UploadLostError(store.name, 'it is gone', null);
    };
    const again = await toStore(new SimGlance(simData(1, 2)), store, 'held in memory');
    expect(again.events.filter((each) => /^(?:restart|failed)/.test(each))).toEqual([
      expect.stringMatching(/^failed \d+ null$/),
      'restart place.unavailable s3://bucket/image: it is gone; all of it is fetched again',
    ]);
    expect(store.object?.equals(simData(1, 2))).toBe(true);
  });
});
