import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { digestThreads, type Thread } from '../../../../src/transfer/threads/thread-pool.ts';

/** Longer than any thread waits for work. */
const longMs = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
});

function leave(thread: Thread): void {
  thread.removeUser();
  vi.advanceTimersByTime(longMs);
}

/** The thread's digest of nothing. */
async function ask(thread: Thread): Promise<unknown> {
  return (await thread.ask({ hash: -1, begin: ['md5'], isAsked: true })).hexes;
}

const ofNothing = ['d41d8cd98f00b204e9800998ecf8427e'];

it('gives the next user the idle thread, until that has waited for too long', async () => {
  digestThreads.prepare();
  const first = digestThreads.join();
  first.removeUser();
  const second = digestThreads.join();
  expect(second).toBe(first);
  expect(await ask(second)).toEqual(ofNothing);
  leave(second);
  const third = digestThreads.join();
  expect(third).not.toBe(first);
  expect(await ask(third)).toEqual(ofNothing);
  leave(third);
});

it('ends no thread that is in use, however long', async () => {
  const [first, second] = [digestThreads.join(), digestThreads.join()];
  vi.advanceTimersByTime(longMs);
  leave(second);
  expect(await ask(first)).toEqual(ofNothing);
  leave(first);
});

it('prepares one thread, and none if there is one', () => {
  digestThreads.prepare();
  digestThreads.prepare();
  const [first, second] = [digestThreads.join(), digestThreads.join()];
  expect(second).not.toBe(first);
  first.removeUser();
  leave(second);
});
