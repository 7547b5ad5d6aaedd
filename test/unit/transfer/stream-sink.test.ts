// A stream may be slow, full, closed by its reader or broken: each is reported as what it is.
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { StreamSink } from '../../../src/transfer/stream-sink.ts';

const going = new AbortController().signal;
const errno = (code: string): Error => Object.assign(new Error(code), { code });

/** Accepts chunks one by one, when told to. */
function slowStream(): { stream: Writable; taken: string[]; settle: (error?: Error) => void } {
  const taken: string[] = [];
  let settle = (_error?: Error): void => undefined;
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      taken.push(chunk.toString());
      settle = done;
    },
  });
  return { stream, taken, settle: (error) => settle(error) };
}

describe('a stream', () => {
  it('is waited for, and given no empty chunks', async () => {
    const { stream, taken, settle } = slowStream();
    const sink = new StreamSink(stream, 'pipe');
    let isDone = false;
    const written = sink.write(Buffer.from('abc'), going).then(() => (isDone = true));
    await new Promise(setImmediate);
    expect([isDone, taken, sink.bytes]).toEqual([false, ['abc'], 3]);
    settle();
    await written;
    await sink.write(Buffer.alloc(0), going);
    const last = sink.write(Buffer.from('de'), going);
    settle();
    await last;
    expect([taken, sink.bytes]).toEqual([['abc', 'de'], 5]);
  });

  it.each([
    ['EPIPE', 'pipe.closed', 'pipe: its reader closed it'],
    ['ERR_STREAM_DESTROYED', 'pipe.closed', 'pipe: its reader closed it'],
    ['ENOSPC', 'io.nospace', 'pipe: there is no space left'],
  ])('that fails with %s is reported as %s, then and ever after', async (code, expected, message) => {
    const { stream, settle } = slowStream();
    const sink = new StreamSink(stream, 'pipe');
    const written = sink.write(Buffer.from('a'), going);
    const cause = errno(code);
    settle(cause);
    await expect(written).rejects.toMatchObject({ code: expected, message, cause });
    await expect(sink.write(Buffer.from('b'), going)).rejects.toMatchObject({ code: expected, message });
  });

  it('that was destroyed by another failure is reported with that', async () => {
    const { stream } = slowStream();
    const sink = new StreamSink(stream, 'pipe');
    stream.destroy(errno('ENOSPC'));
    await expect(sink.write(Buffer.from('b'), going)).rejects.toMatchObject({ code: 'io.nospace' });
    const quiet = slowStream().stream;
    quiet.destroy();
    await expect(new StreamSink(quiet, 'pipe').write(Buffer.from('b'), going)).rejects.toMatchObject({
      code: 'pipe.closed',
    });
  });

  it('is no longer waited for, or written to, once the signal says so', async () => {
    const { stream, taken } = slowStream();
    const sink = new StreamSink(stream, 'pipe');
    const controller = new AbortController();
    const reason = new Error('enough');
    const written = sink.write(Buffer.from('a'), controller.signal);
    controller.abort(reason);
    await expect(written).rejects.toBe(reason);
    await expect(sink.write(Buffer.from('b'), controller.signal)).rejects.toBe(reason);
    expect(taken).toEqual(['a']);
  });

  it('is listened to until it is released', () => {
    const { stream } = slowStream();
    const before = stream.listenerCount('error');
    const sink = new StreamSink(stream, 'pipe');
    expect(stream.listenerCount('error')).toBe(before + 1);
    sink.release();
    expect(stream.listenerCount('error')).toBe(before);
  });
});
