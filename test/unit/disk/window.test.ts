// What is kept of a stream as it passes: its start, and its last 4 KiB.
import { describe, expect, it } from 'vitest';
import { Tail, Window } from '../../../src/disk/window.ts';

const mebibyte = 1024 * 1024;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe('the start of a stream', () => {
  it('is what arrived in order, each byte once', () => {
    const window = new Window();
    window.add(Buffer.from('0123'), 0);
    window.add(Buffer.from('23456'), 2);
    window.add(Buffer.from('012'), 0);
    window.add(Buffer.from('9'), 8);
    expect([window.end, text(window.slice(0, 100))]).toEqual([7, '0123456']);
    expect([text(window.slice(2, 3)), text(window.slice(6, 3)), text(window.slice(7, 1))]).toEqual(['234', '6', '']);
    window.add(Buffer.from('7'), 7);
    expect(text(window.slice(6, 9))).toBe('67');
  });

  it('is kept whatever its chunks', () => {
    const window = new Window();
    const chunk = Buffer.alloc(50_000);
    for (let index = 0; index < 5; index++) window.add(chunk.fill(97 + index), index * chunk.length);
    expect(window.end).toBe(250_000);
    expect(text(window.slice(49_999, 2))).toBe('ab');
    expect(text(window.slice(249_999, 2))).toBe('e');
  });

  it('is dropped for good when something far beyond it is wanted', () => {
    const window = new Window();
    window.add(Buffer.from('0123'), 0);
    expect([window.seek(2), window.seek(16 * mebibyte), window.end]).toEqual([true, true, 4]);
    const far = 16 * mebibyte + 1;
    expect([window.seek(far), window.end, window.seek(0), window.seek(far - 1)]).toEqual([true, far, false, false]);
    window.add(Buffer.from('xabc'), far - 1);
    expect([text(window.slice(far, 2)), text(window.slice(0, 2)), window.end]).toEqual(['ab', 'ab', far + 3]);
  });
});

describe('the end of a stream', () => {
  it.each([1, 7, 4095, 4096, 4097, 5000, 100_000])('is its last 4 KiB in chunks of %i bytes', (length) => {
    const all = Buffer.from(Array.from({ length: 40_000 }, (_, index) => index % 251));
    const tail = new Tail();
    for (let at = 0; at < all.length; at += length) tail.add(all.subarray(at, at + length));
    expect(Buffer.compare(tail.last(4096), all.subarray(-4096))).toBe(0);
    expect(Buffer.compare(tail.last(5000), all.subarray(-4096))).toBe(0);
    expect(Buffer.compare(tail.last(9), all.subarray(-9))).toBe(0);
    expect(tail.last(0)).toHaveLength(0);
  });

  it('is all of a short one', () => {
    const tail = new Tail();
    tail.add(Buffer.from('short'));
    expect([text(tail.last(100)), text(tail.last(2))]).toEqual(['short', 'rt']);
  });
});
