import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { bufferBytes } from '../../../../src/transfer/flow/buffers.ts';
import { createDigester, type Digester } from '../../../../src/transfer/digest/digester.ts';
import { FrontierDigest, type FrontierFile } from '../../../../src/transfer/digest/frontier.ts';

const data = Buffer.alloc(4 * bufferBytes, 'some data ');

/** A file that holds the data up to its frontier. */
class File implements FrontierFile {
  frontier = 0;
  /** Where the file really ends. */
  end = data.length;

  read(buffer: Uint8Array, length: number, position: number): Promise<number> {
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
  // The frontier is checked again before these are there.
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
