import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { GlanceError } from '../../../../src/errors.ts';
import type { DownloadOptions, DownloadResult } from '../../../../src/transfer/download-options.ts';
import type { TransferEvent } from '../../../../src/transfer/flow/events.ts';
import { UploadLostError } from '../../../../src/transfer/upload/object-target.ts';
import { PartMemory } from '../../../../src/transfer/upload/part-memory.ts';
import { uploadImage } from '../../../../src/transfer/upload/upload.ts';
import { segment, simData, SimGlance } from '../../../support/sim/sim-download.ts';
import { SimObjects } from '../../../support/sim/sim-objects.ts';

const partBytes = 100_000;
const kinds = ['held in memory', 'streamed'] as const;

interface Given {
  readonly glance: SimGlance;
  readonly store: SimObjects;
  readonly kind?: (typeof kinds)[number];
  readonly options?: Partial<DownloadOptions>;
  readonly size?: null;
  readonly memory?: PartMemory;
}

async function upload({
  glance,
  store,
  kind = 'held in memory',
  options = {},
  size,
  memory = new PartMemory(4 * partBytes),
}: Given): Promise<DownloadResult> {
  const source = glance.source();
  const image = size === null ? { ...source.image, size: null } : source.image;
  return await uploadImage(
    {
      ...source,
      image,
      refresh: async () => ({ ...glance.image, size: image.size === null ? null : glance.image.size }),
    },
    store,
    memory,
    {
      extraAlgorithms: ['sha512'],
      retry: { retries: 3 },
      clock: { ...systemClock, random: () => 0 },
      signal: new AbortController().signal,
      listen: () => undefined,
      ...options,
    },
    () => ({ bytes: partBytes, isStreamed: kind === 'streamed' }),
  );
}

describe.each(kinds)('an image whose parts are %s', (kind) => {
  it.each([1, partBytes - 1, partBytes, partBytes + 1, 3 * partBytes, 12 * partBytes + 7])(
    'of %d bytes is uploaded byte for byte',
    async (length) => {
      const glance = new SimGlance(simData(1, 20).subarray(0, length));
      const store = new SimObjects();
      expect(await upload({ glance, store, kind })).toMatchObject({
        bytes: length,
        verifiedBy: 'sha256',
        resumedFrom: 0,
        retries: 0,
      });
      expect(store.object?.equals(glance.data)).toBe(true);
      expect(store.parts).toBeNull();
    },
  );

  it('is resumed: only parts that are missing or different are sent again', async () => {
    const glance = new SimGlance(simData(1, 12));
    const store = new SimObjects();
    store.onPart = (number) => {
      if (number === 5) throw new GlanceError('io.closed', 'enough');
    };
    await expect(upload({ glance, store, kind, options: { retry: { retries: 0 } } })).rejects.toMatchObject({
      code: 'io.closed',
      facts: { partial: { path: 's3://bucket/image' } },
    });
    expect(store.object).toBeNull();
    store.parts?.set(2, { bytes: Buffer.alloc(partBytes), etag: 'f'.repeat(32) });
    const good = [...(store.parts ?? [])].filter(([number]) => number !== 2);
    const left = new Set(good.map(([number]) => number));
    const resumedFrom = good.reduce((sum, [, { bytes }]) => sum + bytes.length, 0);
    store.sent.length = 0;
    store.onPart = () => undefined;
    expect(await upload({ glance, store, kind })).toMatchObject({ resumedFrom });
    expect(store.sent.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].filter((each) => !left.has(each)));
    expect(store.object?.equals(glance.data)).toBe(true);
  });

  it('is fetched from where the connection broke', async () => {
    const glance = new SimGlance(simData(1, 12));
    glance.cutAfter = 5 * segment + 9;
    const store = new SimObjects();
    expect(await upload({ glance, store, kind })).toMatchObject({ retries: 1, verifiedBy: 'sha256' });
    expect(store.object?.equals(glance.data)).toBe(true);
    expect(glance.sent).toBe(glance.data.length);
  });

  it('is requested once, however often the store fails', async () => {
    const glance = new SimGlance(simData(1, 12));
    const store = new SimObjects();
    let opened = 0;
    glance.onOpen = () => void opened++;
    store.onPart = () => {
      throw new UploadLostError(store.name, 'it is gone', null);
    };
    const retry = { retries: 3 };
    await expect(upload({ glance, store, options: { retry } })).rejects.toBeInstanceOf(UploadLostError);
    // And once more, for a new upload.
    expect(opened).toBe(2);
    expect(store).toMatchObject({ object: null, parts: null });
  });

  it('leaves neither a readable object nor an upload if its data is damaged', async () => {
    const glance = new SimGlance(simData(1, 12));
    glance.onPiece = (piece, start) => (start === 4 * segment ? Buffer.alloc(piece.length) : piece);
    const store = new SimObjects();
    await expect(upload({ glance, store, kind })).rejects.toMatchObject({ code: 'integrity.digest' });
    expect(store).toMatchObject({ object: null, parts: null });
  });

  it('starts over with the new data if it was replaced meanwhile', async () => {
    const glance = new SimGlance(simData(1, 12));
    glance.cutAfter = 5 * segment;
    glance.onCut = () => {
      glance.data = simData(2, 9);
    };
    const store = new SimObjects();
    const events: TransferEvent[] = [];
    await upload({ glance, store, kind, options: { listen: (event) => events.push(event) } });
    expect(store.object?.equals(simData(2, 9))).toBe(true);
    expect(events.map(({ event }) => event)).toContain('restart');
  });

  it('is fetched once more in one answer if two joined answers do not match', async () => {
    const glance = new SimGlance(simData(1, 12));
    glance.cutAfter = 5 * segment;
    let damaged = true;
    glance.onCut = () => {
      glance.onPiece = (piece, start) => (damaged && start > 7 * segment ? Buffer.alloc(piece.length) : piece);
    };
    const store = new SimObjects();
    const listen = ({ event }: TransferEvent): void => {
      if (event === 'restart') damaged = false;
    };
    await upload({ glance, store, kind, options: { listen } });
    expect(store.object?.equals(glance.data)).toBe(true);
  });

  it('is not completed if whoever inspected its bytes refuses it', async () => {
    const glance = new SimGlance(simData(1, 12));
    const store = new SimObjects();
    const approve = (): never => {
      throw new GlanceError('unsafe.image', 'not safe');
    };
    await expect(upload({ glance, store, kind, options: { approve } })).rejects.toMatchObject({ code: 'unsafe.image' });
    expect(store).toMatchObject({ object: null, parts: null });
  });

  it('stops at a signal, and keeps what was sent', async () => {
    const glance = new SimGlance(simData(1, 12));
    const store = new SimObjects();
    const stop = new AbortController();
    store.onPart = (number) => {
      if (number === 3) stop.abort(new GlanceError('interrupted', 'stopped'));
    };
    await expect(upload({ glance, store, kind, options: { signal: stop.signal } })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(store.object).toBeNull();
    expect(store.parts?.size).toBeGreaterThan(1);
  });
});

it('an empty image is stored without parts', async () => {
  const store = new SimObjects();
  await upload({ glance: new SimGlance(Buffer.alloc(0)), store });
  expect(store.object).toEqual(Buffer.alloc(0));
  expect(store.sent).toEqual([]);
});

it('an image of unknown size is sent in parts, and leftovers of an earlier run are not used', async () => {
  const glance = new SimGlance(simData(1, 12));
  const store = new SimObjects();
  store.parts = new Map([[40, { bytes: Buffer.alloc(1), etag: 'x' }]]);
  expect(await upload({ glance, store, size: null })).toMatchObject({ resumedFrom: 0, verifiedBy: 'sha256' });
  expect(store.object?.equals(glance.data)).toBe(true);
});

it('uploads of a run share a limit of memory', async () => {
  const memory = new PartMemory(3 * partBytes);
  const stores = Array.from({ length: 4 }, () => new SimObjects());
  let most = 0;
  for (const store of stores) {
    store.onPart = () => {
      most = Math.max(
        most,
        stores.reduce((sum, { held }) => sum + held, 0),
      );
    };
  }
  const glance = new SimGlance(simData(1, 20));
  await Promise.all(stores.map((store) => upload({ glance, store, memory })));
  for (const { object } of stores) expect(object?.equals(glance.data)).toBe(true);
  expect(most).toBeLessThanOrEqual(3 * partBytes);
});

describe('a streamed part', () => {
  it('that the store did not accept is requested and sent again', async () => {
    const glance = new SimGlance(simData(1, 12));
    const store = new SimObjects();
    let failures = 0;
    store.onPart = (number) => {
      if (number === 4 && failures++ < 2) throw new GlanceError('net.reset', 'gone');
    };
    expect(await upload({ glance, store, kind: 'streamed' })).toMatchObject({ retries: 0 });
    expect(store.sent).toEqual([1, 2, 3, 4, 4, 4, 5, 6, 7, 8]);
    expect(store.object?.equals(glance.data)).toBe(true);
  });

  it.each(['refused', 'ignored'] as const)('is read from the complete answer if ranges are %s', async (ranges) => {
    const glance = new SimGlance(simData(1, 12), ranges);
    const store = new SimObjects();
    let failures = 0;
    store.onPart = (number) => {
      if (number === 4 && failures++ < 1) throw new GlanceError('net.reset', 'gone');
    };
    await upload({ glance, store, kind: 'streamed' });
    expect(store.object?.equals(glance.data)).toBe(true);
  });

  it("fails if the store's ETags are not MD5, as nothing else proves it", async () => {
    const store = new SimObjects();
    store.toEtag = () => '00000000000000000000000000000000';
    await expect(upload({ glance: new SimGlance(simData(1, 12)), store, kind: 'streamed' })).rejects.toMatchObject({
      code: 'place.unsupported',
    });
    expect(store.object).toBeNull();
  });

  it('is never completed if its data is different when requested again', async () => {
    const glance = new SimGlance(simData(1, 12));
    const store = new SimObjects();
    let failures = 0;
    store.onPart = (number) => {
      if (number !== 4 || failures++ > 0) return;
      glance.onPiece = (piece) => Buffer.alloc(piece.length);
      throw new GlanceError('net.reset', 'gone');
    };
    await expect(upload({ glance, store, kind: 'streamed' })).rejects.toMatchObject({
      code: 'integrity.contradiction',
    });
    expect(store).toMatchObject({ object: null, parts: null });
  });
});
