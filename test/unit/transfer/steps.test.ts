// What a download to a file does, step by step: events, requests, and calls of the file system.
import { describe, expect, it } from 'vitest';
import type { ImageIdentity } from '../../../src/transfer/flow/source.ts';
import { simData, SimGlance, simTarget } from '../../support/sim/sim-download.ts';
import { SimFs } from '../../support/sim/sim-fs.ts';
import {
  beginSteps,
  doneSteps,
  publishSteps,
  recordSteps,
  type Steps,
  takeSteps,
} from '../../support/sim/sim-steps.ts';

const write = ['write part 65536/65536 at 0', 'write part 65536/65536 at 65536', 'write part 77/77 at 131072'];
const publish = publishSteps(131149);
/** Until the file gets its name. */
const finish = publish.slice(0, -5);
const look = ['open image.raw to read', 'read image.raw 131149/1048576 at 0', 'close image.raw'];
const progress = ['progress 65536 131149', 'progress 131072 131149', 'progress 131149 131149'];
const fetch = ['start image 131149 0', 'GET all', ...progress];
const seen = ['start image 131149 131149', 'check 131149 131149'];
const done = (seconds: number): string[] => doneSteps(131149, seconds);

const glance = (): SimGlance => new SimGlance(simData(1, 2));
const sha256 = '602c5f5b893f4959ac5bae903d085279f82409e02adef239d7f1bef71d87d779';
const digests = [{ algorithm: 'sha256', hex: sha256 }];
const withTarget = (data: Buffer): SimFs => {
  const fs = new SimFs();
  fs.put(simTarget, data);
  return fs;
};
const namesOf = (fs: SimFs): string[] => [...fs.files().keys()];

describe('a new file', () => {
  it('has its name once it is verified and durable', async () => {
    const fs = new SimFs();
    const { events, disk, result } = await takeSteps(fs, glance());
    expect(events).toEqual([...fetch, ...done(3)]);
    expect(disk).toEqual([...beginSteps, ...write, ...publish]);
    expect(result).toEqual({
      outcome: 'downloaded',
      path: simTarget,
      seconds: 3,
      bytesPerSecond: 131149 / 3,
      resumedFrom: 0,
      retries: 0,
      bytes: 131149,
      digests,
      verifiedBy: 'sha256',
    });
    expect([namesOf(fs), fs.openFiles]).toEqual([[simTarget], 0]);
  });

  it('gets its name by a claim if a file cannot have two names', async () => {
    const { disk } = await takeSteps(new SimFs(new Map(), false), glance());
    expect(disk.slice(beginSteps.length + write.length + finish.length)).toEqual([
      'link part as image.raw',
      'open part.claim to write, new 600',
      'close part.claim',
      'sync directory /d',
      'open image.raw to write, new 600',
      'close image.raw',
      'rename part to image.raw',
      'sync directory /d',
      'unlink part.json',
      'unlink part.claim',
      'unlock',
    ]);
  });

  it('is made durable every five seconds, in the order data, record, name of the record', async () => {
    const { disk } = await takeSteps(new SimFs(), new SimGlance(simData(1, 7)));
    expect(disk.filter((each) => !each.startsWith('write'))).toEqual([
      ...beginSteps,
      'datasync part',
      ...recordSteps('datasync part.json.tmp'),
      ...publishSteps(458829),
    ]);
  });

  it('is digested with MD5 if no digest is known, and with other algorithms on request', async () => {
    const simple = glance();
    const image = { ...simple.image, digests: [] };
    const { events, result } = await takeSteps(new SimFs(), simple, { source: { image }, extraAlgorithms: ['sha256'] });
    expect(events).toEqual([...fetch, 'verify md5,sha256', ...done(3).slice(1)]);
    expect(result?.verifiedBy).toBeNull();
    expect(result?.digests[1]).toEqual(digests[0]);
  });
});

describe('a file that already exists', () => {
  it('and is the image is made durable, and leftovers of earlier runs are removed', async () => {
    const fs = withTarget(simData(1, 2));
    for (const left of ['/d/.image.raw.0123456789ab.part', '/d/.image.raw.0123456789ab.part.json'])
      fs.put(left, Buffer.from('left'));
    const { events, disk, result } = await takeSteps(fs, glance());
    expect(events).toEqual([...seen, 'approve', 'done 131149 0', 'unlock']);
    expect(disk).toEqual([
      ...look,
      'approve',
      'open image.raw to read',
      'sync image.raw',
      'close image.raw',
      'sync directory /d',
      'unlink part',
      'unlink part.json',
      'unlock',
    ]);
    const outcome = { outcome: 'current', path: simTarget, bytes: 131149, digests, verifiedBy: 'sha256' };
    expect(result).toEqual({ ...outcome, seconds: 0, bytesPerSecond: null, resumedFrom: 0, retries: 0 });
  });

  const reasons: readonly [string, Buffer, Partial<ImageIdentity>, string, string[]][] = [
    ['other data', simData(2, 2), {}, 'is not this image', seen],
    ['another length', simData(1, 1), {}, 'is not this image', []],
    ['no digest to compare with', simData(1, 2), { digests: [] }, 'no way to know whether it is this image', []],
  ];
  it.each(reasons)('stays, with %s, unless it may be replaced', async (_what, data, changes, why, told) => {
    const simple = glance();
    const source = { image: { ...simple.image, ...changes } };
    const fs = withTarget(data);
    const { events, error } = await takeSteps(fs, simple, { source });
    expect(events).toEqual([...told, `failed ${data.length} null`, 'unlock']);
    expect(error).toMatchObject({ code: 'io.exists', facts: { hint: 'give `force` to replace it' } });
    expect(error?.message).toMatch(new RegExp(`^${simTarget}: it already exists, and .*${why}$`));
    expect(fs.files().get(simTarget)).toEqual(data);

    const forced = await takeSteps(fs, simple, { source, force: true });
    expect(forced.events.slice(0, told.length + 2)).toEqual([...told, 'start image 131149 0', 'GET all']);
    expect(forced.disk.slice(-5)).toEqual([
      'close part',
      'rename part to image.raw',
      'sync directory /d',
      'unlink part.json',
      'unlock',
    ]);
    expect(fs.files().get(simTarget)).toEqual(simple.data);
  });

  it('may be read by observers while it is compared, which are told if that was in vain', async () => {
    const heard: (number | string)[] = [];
    const observer = {
      update: ({ length }: Uint8Array) => void heard.push(length),
      reset: () => void heard.push('reset'),
    };
    await takeSteps(withTarget(simData(1, 2)), glance(), { observers: [observer] });
    expect(heard.splice(0)).toEqual([131149]);
    await takeSteps(withTarget(simData(2, 2)), glance(), { observers: [observer] });
    expect(heard).toEqual([131149, 'reset']);
  });
});

describe('data that does not match', () => {
  const wrong = { digests: [{ algorithm: 'md5', hex: '0'.repeat(32) }] } as const;
  const runWrong = (fs: SimFs, keepCorrupt: boolean): Promise<Steps> => {
    const simple = glance();
    const image = { ...simple.image, ...wrong };
    return takeSteps(fs, simple, { keepCorrupt, source: { image, refresh: () => Promise.resolve(image) } });
  };

  it('is removed', async () => {
    const fs = new SimFs();
    const { events, disk, error } = await runWrong(fs, false);
    expect(events).toEqual([...fetch, 'verify md5', 'GET record', 'failed 131149 null', 'unlock']);
    expect(disk).toEqual([...beginSteps, ...write, 'close part', 'unlink part.json', 'unlink part', 'unlock']);
    expect([error?.code, error?.facts.partial, namesOf(fs)]).toEqual(['integrity.digest', undefined, []]);
  });

  it('is kept under another name on request', async () => {
    const fs = new SimFs();
    const { events, disk, error } = await runWrong(fs, true);
    expect(events.slice(fetch.length)).toEqual(['verify md5', 'GET record', 'failed 131149 kept 131149', 'unlock']);
    expect(disk.slice(beginSteps.length + write.length)).toEqual([
      'close part',
      'rename part to image.raw.corrupt',
      'unlink part.json',
      'unlock',
    ]);
    expect(error?.facts.partial).toEqual({ path: `${simTarget}.corrupt`, bytes: 131149 });
    expect(namesOf(fs)).toEqual([`${simTarget}.corrupt`]);
  });
});
