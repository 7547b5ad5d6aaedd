import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bufferBytes } from '../../../../src/transfer/flow/buffers.ts';
import { createDigester, type Digester } from '../../../../src/transfer/digest/digester.ts';
import { FrontierDigest, type FrontierFile } from '../../../../src/transfer/digest/frontier.ts';

const data = Buffer.alloc(4 * bufferBytes, 'some data ');

/** A file that holds the data up to its frontier. */
class File implements FrontierFile {
  frontier = 0;
  /** Where the file actually ends. */
  end = data.length;

  /** Lengths and positions. */
  readonly reads: (readonly [number, number])[] = [];

  read(buffer: Uint8Array, length: number, position: number): Promise<number> {
    this.reads.push([length, position]);
    const bytes = data.subarray(position, Math.min(position + length, this.end));
    buffer.set(bytes);
    return Promise.resolve(bytes.length);
  }
}

/** A digester that finishes its input only when told. */
function slowDigester(): { digester: Digester; finish: () => void; asked: () => Promise<void> } {
  const inner = createDigester(['sha256'], 0);
  let [finish, tellAsked] = [(): void => undefined, (): void => undefined];
  const asked = new Promise<void>((resolve) => {
    tellAsked = resolve;
  });
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const digester: Digester = {
    algorithms: inner.algorithms,
    get bytes() {
      return inner.bytes;
    },
    update: async (bytes) => {
      await inner.update(bytes);
      tellAsked();
      await slow;
    },
    digests: () => inner.digests(),
    reset: () => inner.reset(),
    close: () => inner.close(),
  };
  return { digester, finish: () => finish(), asked: () => asked };
}

it('digests bytes that arrive while the last of a backlog is digested', async () => {
  const { digester, finish, asked } = slowDigester();
  const file = new File();
  const digest = new FrontierDigest(digester, file, []);
  file.frontier = bufferBytes;
  const first = digest.catchUp();
  await asked();
  // The frontier is checked again before these bytes are there.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  file.frontier = data.length;
  await digest.offer(bufferBytes, data.subarray(bufferBytes));
  finish();
  await Promise.all([first, digest.catchUp()]);

  const [result] = await digester.digests();
  expect([digester.bytes, result?.hex]).toEqual([data.length, createHash('sha256').update(data).digest('hex')]);
});

it('fails if the file has less than it should', async () => {
  const { digester, finish } = slowDigester();
  const file = new File();
  file.frontier = data.length;
  file.end = bufferBytes + 1;
  finish();
  await new FrontierDigest(digester, file, []).catchUp();

  expect(digester.bytes).toBe(bufferBytes + 1);
});

describe('a digest', () => {
  /** What an observer and the file saw. */
  function setUp(): { digest: FrontierDigest; digester: Digester; file: File; seen: string[] } {
    const digester = createDigester(['md5'], 0);
    const [file, seen]: [File, string[]] = [new File(), []];
    const observer = {
      update: ({ length }: Uint8Array) => void seen.push(String(length)),
      reset: () => void seen.push('reset'),
    };
    return { digest: new FrontierDigest(digester, file, [observer]), digester, file, seen };
  }

  it('takes the next bytes as they come, and reads others once from the file', async () => {
    const { digest, digester, file, seen } = setUp();
    await digest.offer(0, data.subarray(0, 10));
    await digest.offer(20, data.subarray(20, 30));
    file.frontier = bufferBytes + 30;
    await digest.catchUp();
    await digest.catchUp();
    await digest.offer(file.frontier, data.subarray(file.frontier, file.frontier + 5));
    expect(file.reads).toEqual([
      [bufferBytes, 10],
      [20, bufferBytes + 10],
    ]);
    expect(seen).toEqual(['10', String(bufferBytes), '20', '5']);
    const hex = createHash('md5')
      .update(data.subarray(0, file.frontier + 5))
      .digest('hex');
    expect(await digester.digests()).toEqual([{ algorithm: 'md5', hex }]);
  });

  it('is behind by a whole buffer or more, unless it is catching up', async () => {
    const { digest, file } = setUp();
    await digest.offer(0, data.subarray(0, 10));
    const behind = [0, 10, bufferBytes, bufferBytes + 9, bufferBytes + 10].map((frontier) => {
      file.frontier = frontier;
      return digest.isBehind;
    });
    expect(behind).toEqual([false, false, false, false, true]);
    const caughtUp = digest.catchUp();
    await Promise.resolve();
    expect([file.reads.length, digest.isBehind]).toEqual([0, false]);
    await digest.offer(10, data.subarray(10, 20));
    await caughtUp;
    expect([file.reads, digest.isBehind]).toEqual([[[bufferBytes, 10]], false]);
  });

  it.each<[number, string[]]>([
    [10, ['10']],
    [11, ['10']],
    [9, ['10', 'reset']],
    [0, ['10', 'reset']],
  ])('of ten bytes forgets them if they are gone from byte %d on', async (from, expected) => {
    const { digest, digester, seen } = setUp();
    await digest.offer(0, data.subarray(0, 10));
    digest.forgetFrom(from);
    expect([seen, digester.bytes]).toEqual([expected, expected.length === 1 ? 10 : 0]);
  });
});
