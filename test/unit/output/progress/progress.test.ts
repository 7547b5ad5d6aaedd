import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../../../src/output/progress/consumer.ts';
import { createProgress, type ProgressKind } from '../../../../src/output/progress/progress.ts';
import { plainStyle } from '../../../../src/output/style.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const mebibyte = 1024 * 1024;
/** Back to the first cell, and clear everything to its right: how a line is redrawn. */
const drawn = /\u001b\[1G([^\u001b]*)\u001b\[0K/g;

/** A terminal, or a pipe, that remembers what was written. */
class Screen extends Writable {
  text = '';
  columns: number;

  constructor(columns = 80) {
    super();
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }

  /** What is left on the terminal. */
  get shown(): string[] {
    const rows: string[] = [''];
    let [row, column] = [0, 0];
    for (const [, move = '', key = '', text = ''] of this.text.matchAll(/\u001b\[(\d*)([A-Z])|([^\u001b\n]+|\n)/g)) {
      if (key === 'A') row -= Number(move);
      else if (key === 'G') column = 0;
      else if (key === 'J') rows.splice(row, rows.length, '');
      else if (key === 'K') rows[row] = (rows[row] ?? '').slice(0, column);
      else if (text === '\n') rows[++row] ??= '';
      else [rows[row], column] = [text, text.length];
    }
    return rows.map((each) => each.trimEnd());
  }

  /** Each state of the bar's line. */
  get lines(): string[] {
    return Array.from(this.text.matchAll(drawn), ([, line]) => line ?? '');
  }
}

interface Scene {
  readonly screen: Screen;
  readonly clock: ManualClock;
  readonly progress: Progress;
}

async function scene(kind: ProgressKind, { isTTY = true, columns = 80 } = {}): Promise<Scene> {
  const [screen, clock] = [new Screen(columns), new ManualClock()];
  const progress = await createProgress(kind, { stream: screen, isTTY, columns, clock, style: plainStyle });
  return { screen, clock, progress };
}

interface Transfer {
  readonly total?: number | null;
  readonly name?: string;
}

/** Ten seconds at 1 MiB/s. */
function transfer({ clock, progress }: Scene, { total = 20 * mebibyte, name = 'cirros' }: Transfer = {}): void {
  progress.listen({ event: 'start', name, total, kept: 0 });
  for (let count = 0; count <= 10; count++) {
    progress.listen({ event: 'progress', bytes: count * mebibyte, total });
    clock.advance(1000);
  }
}

describe('the bar', () => {
  it('shows name, share, amount, rate and time left', async () => {
    const world = await scene('bar');
    transfer(world);
    expect(world.screen.lines[0]).toMatchInlineSnapshot(`"cirros  ░░░░░░░░░░░░░░    0 %        0 B of 20.0 MiB"`);
    expect(world.screen.lines.at(-1)).toMatchInlineSnapshot(
      `"cirros  ███████░░░░░░░   50 %   10.0 MiB of 20.0 MiB    1.0 MiB/s  10s left"`,
    );
  });

  it('shows bytes and rate if the total is unknown', async () => {
    const world = await scene('bar');
    transfer(world, { total: null });
    expect(world.screen.lines.at(-1)).toBe('cirros   10.0 MiB    1.0 MiB/s');
  });

  it('disappears at the end and leaves the terminal as it was', async () => {
    const world = await scene('bar');
    transfer(world);
    world.progress.listen({ event: 'done', bytes: 20 * mebibyte, seconds: 10 });
    expect(world.screen.text.endsWith('\u001b[1G\u001b[0J')).toBe(true);
    const { text } = world.screen;
    world.progress.stop();
    world.progress.listen({ event: 'failed', bytes: 0, kept: null });
    world.clock.advance(60_000);
    expect(world.screen.text).toBe(text);
    // Neither cursor nor wrapping was switched, nor was the cursor's position saved.
    expect(text).not.toMatch(/\u001b(?:\[\?|[78])/);
  });

  it('is drawn at most ten times a second, and only when it changes', async () => {
    const { screen, clock, progress } = await scene('bar');
    progress.listen({ event: 'start', name: 'x', total: 1000, kept: 0 });
    for (let count = 1; count <= 500; count++) {
      clock.advance(2);
      progress.listen({ event: 'progress', bytes: count, total: 1000 });
    }
    expect(screen.lines.length).toBeLessThanOrEqual(11);
    const before = screen.text;
    progress.stop();
    const again = await scene('bar');
    again.progress.listen({ event: 'start', name: 'x', total: 1000, kept: 0 });
    again.clock.advance(10_000);
    expect(again.screen.lines).toHaveLength(1);
    again.progress.stop();
    expect(before).not.toBe('');
  });

  it('lets the rate fall while nothing arrives', async () => {
    const world = await scene('bar');
    transfer(world);
    world.clock.advance(20_000);
    expect(world.screen.lines.at(-1)).toMatch(/ \d\d\.\d KiB\/s {2}\d\ds left$/);
    world.progress.stop();
  });

  it('says in a line of its own why it retries, and continues from there', async () => {
    const world = await scene('bar');
    transfer(world);
    const event = { event: 'retry', attempt: 2, delay_ms: 4000, code: 'net.reset', bytes: 0 } as const;
    world.progress.listen({ ...event, message: 'connection \u001b[31mreset' });
    expect(world.screen.text.endsWith('\u001b[1G\u001b[0Jconnection \\x1b[31mreset; attempt 2 in 4.0 s\n')).toBe(true);
    world.clock.advance(4000);
    world.progress.listen({ event: 'progress', bytes: 4 * mebibyte, total: 20 * mebibyte });
    expect(world.screen.lines.at(-1)).toMatch(/ 20 % {4}4\.0 MiB of 20\.0 MiB$/);
    world.progress.stop();
  });

  it('says what it verifies', async () => {
    const world = await scene('bar');
    transfer(world);
    world.progress.listen({ event: 'verify', algorithms: ['sha512', 'md5'] });
    expect(world.screen.lines.at(-1)).toMatch(/ 50 % {2}verifying sha512, md5$/);
    world.progress.stop();
  });

  it.each([
    [{ event: 'check', bytes: mebibyte, total: 2 * mebibyte }, 'checking 1.0 MiB of 2.0 MiB kept'],
    [{ event: 'compare', bytes: mebibyte, total: 2 * mebibyte }, 'comparing 1.0 MiB of 2.0 MiB kept'],
    [{ event: 'sync' }, 'writing to disk'],
  ] as const)('names the phase of %o', async (event, phase) => {
    const { screen, clock, progress } = await scene('bar');
    progress.listen({ event: 'start', name: 'x', total: 4 * mebibyte, kept: 2 * mebibyte });
    clock.advance(999);
    progress.listen(event);
    expect(screen.lines.at(-1)).toBe(`x  ${'▓'.repeat(10)}${'░'.repeat(10)}   50 %  ${phase}`);
    progress.stop();
  });

  it('holds rate and time left steady for a second, and does not let the time left jump', async () => {
    const { screen, clock, progress } = await scene('bar');
    const total = 400 * mebibyte;
    progress.listen({ event: 'start', name: 'x', total, kept: 0 });
    const left: number[] = [];
    for (let tenth = 0; tenth <= 400; tenth++) {
      // A link that stalls every other half second.
      progress.listen({ event: 'progress', bytes: Math.floor(tenth / 10) * mebibyte, total });
      clock.advance(100);
      const match = / (?:(\d+)m )?(\d+)s left$/.exec(screen.lines.at(-1) ?? '');
      if (match !== null) left.push(Number(match[1] ?? 0) * 60 + Number(match[2]));
    }
    const steps = left.slice(1).map((seconds, index) => Math.abs(seconds - (left[index] ?? 0)));
    expect(Math.max(...steps.slice(50))).toBeLessThanOrEqual(25);
    progress.stop();
  });

  it('survives more bytes than expected', async () => {
    const { screen, clock, progress } = await scene('bar');
    progress.listen({ event: 'start', name: 'x', total: 10, kept: 0 });
    clock.advance(100);
    progress.listen({ event: 'progress', bytes: 11, total: 10 });
    expect(screen.lines.at(-1)).toBe(`x  ${'█'.repeat(23)}  100 %       11 B of 10 B`);
    clock.advance(100);
    progress.listen({ event: 'progress', bytes: 5, total: 0 });
    expect(screen.lines.at(-1)).toBe(`x  ${'█'.repeat(24)}  100 %        5 B of 0 B`);
    progress.stop();
  });

  it('follows a resized terminal', async () => {
    const world = await scene('bar', { columns: 80 });
    transfer(world, { name: 'n'.repeat(200) });
    expect(world.screen.lines.at(-1)?.trimEnd()).toMatch(/^n+… .* 10s left$/);
    expect(world.screen.lines.at(-1)?.length).toBeLessThan(80);
    world.screen.columns = 40;
    world.clock.advance(1000);
    expect(world.screen.lines.at(-1)).toHaveLength(39);
    world.progress.stop();
  });
});

describe('bars of several', () => {
  /** Two of three are in progress, a second into it. */
  async function several(kind: ProgressKind = 'bar', columns = 80) {
    const world = await scene(kind, { columns });
    const all = world.progress.several();
    const [first, second, third] = [
      all.member('cirros', 4 * mebibyte),
      all.member('ubuntu', 16 * mebibyte),
      all.member('rescue', mebibyte),
    ];
    first({ event: 'start', name: 'cirros', total: 4 * mebibyte, kept: 0 });
    second({ event: 'start', name: 'ubuntu', total: 16 * mebibyte, kept: 8 * mebibyte });
    for (let count = 0; count <= 2; count++) {
      first({ event: 'progress', bytes: count * mebibyte, total: 4 * mebibyte });
      second({ event: 'progress', bytes: (8 + count) * mebibyte, total: 16 * mebibyte });
      world.clock.advance(1000);
    }
    return { ...world, first, second, third };
  }

  it('show each in progress, how much of it had been kept, and the total below', async () => {
    const { screen, progress } = await several();
    expect(screen.shown).toMatchInlineSnapshot(`
      [
        "cirros       ████░░░░░   50 %    2.0 MiB of 4.0 MiB     1.0 MiB/s  2s left",
        "ubuntu       ▓▓▓▓█░░░░   62 %   10.0 MiB of 16.0 MiB    1.0 MiB/s  6s left",
        "0 of 3 done  ▓▓▓██░░░░   57 %   12.0 MiB of 21.0 MiB    1.5 MiB/s  6s left",
      ]
    `);
    progress.stop();
    expect(screen.shown).toEqual(['']);
  });

  it.each([40, 200])('fit %d cells', async (columns) => {
    const { screen, progress } = await several('bar', columns);
    for (const row of screen.shown) expect(row.length).toBeLessThan(columns);
    progress.stop();
  });

  it('count finished and failed ones once each, including those that never began', async () => {
    const { screen, clock, first, second, third, progress } = await several();
    first({ event: 'done', bytes: 4 * mebibyte, seconds: 3 });
    first({ event: 'failed', bytes: 0, kept: null });
    third({ event: 'failed', bytes: 0, kept: null });
    clock.advance(1000);
    expect(screen.shown.map((row) => row.slice(0, 12).trimEnd())).toEqual(['ubuntu', '1 of 3 done', '']);
    expect(screen.shown[1]).toMatch(/ 70 % +14\.0 MiB of 20\.0 MiB /);
    second({ event: 'done', bytes: 16 * mebibyte, seconds: 3 });
    expect(screen.shown).toEqual(['']);
    progress.stop();
  });

  it('name their image on a line above', async () => {
    const { screen, second, progress } = await several();
    second({ event: 'retry', attempt: 2, delay_ms: 500, code: 'net.reset', message: 'reset', bytes: 0 });
    expect(screen.text.endsWith('ubuntu: reset; attempt 2 in 0.5 s\n')).toBe(true);
    progress.stop();
  });

  it.each(['bar', 'plain'] as const)('say once that a server limits requests, as %s', async (kind) => {
    const { screen, clock, first, second, progress } = await several(kind);
    const from = screen.text.length;
    const said = (): readonly string[] => screen.text.slice(from).match(/[a-z]+: cloud[^\n]+/g) ?? [];
    const limit = { event: 'retry', attempt: 2, code: 'http.429', message: 'cloud answered 429', bytes: 0 } as const;
    for (let image = 0; image < 3; image++) {
      first({ ...limit, delay_ms: 6000 });
      second({ ...limit, delay_ms: 9000 });
      clock.advance(9000);
    }
    expect(said()).toEqual(['cirros: cloud answered 429; attempt 2 in 6.0 s']);
    second({ ...limit, message: 'cloud is busy', delay_ms: 100 });
    for (const chance of [900, 1900, 3900]) second({ ...limit, message: 'cloud is busy', delay_ms: chance });
    for (const id of ['5', '6']) first({ ...limit, message: `cloud is busy (req-${id})`, delay_ms: 100 });
    expect(said().slice(1)).toEqual(['ubuntu: cloud is busy; attempt 2 in 0.1 s']);
    second({ ...limit, delay_ms: 20_000 });
    second({ ...limit, message: 'cloud answered 429: no more', delay_ms: 1000 });
    expect(said().slice(2)).toEqual([
      'ubuntu: cloud answered 429; attempt 2 in 20.0 s',
      'ubuntu: cloud answered 429: no more; attempt 2 in 1.0 s',
    ]);
    progress.stop();
  });

  it('are an occasional line of the total if nothing can be redrawn', async () => {
    const { screen, clock, first } = await several('plain');
    clock.advance(8000);
    first({ event: 'progress', bytes: 4 * mebibyte, total: 4 * mebibyte });
    expect(screen.text).toBe('0 of 3 images: 14.0 MiB of 21.0 MiB (66 %), 558.5 KiB/s\n');
  });

  it('are events with the name of the image in JSON, and totals', async () => {
    const { screen, third } = await several('json');
    third({ event: 'failed', bytes: 0, kept: null });
    const events = screen.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events[0]).toMatchObject({ event: 'start', image: 'cirros', total: 4 * mebibyte, kept: 0 });
    expect(events[1]).toEqual({
      event: 'total',
      time: '2026-01-01T00:00:00.000Z',
      images: 3,
      finished: 0,
      failed: 0,
      bytes: 0,
      kept: 0,
      total: 21 * mebibyte,
    });
    expect(events.at(-2)).toMatchObject({ event: 'failed', image: 'rescue' });
    expect(events.at(-1)).toMatchObject({ event: 'total', failed: 1, bytes: 12 * mebibyte, total: 20 * mebibyte });
    // At most one per second, in addition to those of a beginning or an end.
    expect(events.filter(({ event }) => event === 'total')).toHaveLength(2 + 2 + 1);
  });
});

describe('auto', () => {
  it('is a bar on a terminal', async () => {
    const { screen, progress } = await scene('auto');
    progress.listen({ event: 'start', name: 'x', total: 1, kept: 0 });
    expect(screen.lines).toHaveLength(1);
    progress.stop();
  });

  it('is plain lines elsewhere', async () => {
    const world = await scene('auto', { isTTY: false });
    transfer(world);
    expect(world.screen.text).toBe('cirros: 10.0 MiB of 20.0 MiB (50 %), 1.0 MiB/s\n');
  });
});

describe('plain lines', () => {
  it('appear every ten seconds at most, and never for a short download', async () => {
    const world = await scene('plain');
    world.progress.listen({ event: 'start', name: 'a\u202eb', total: null, kept: 0 });
    for (let second = 1; second <= 35; second++) {
      world.clock.advance(1000);
      world.progress.listen({ event: 'progress', bytes: second * 1024, total: null });
      if (second === 9) expect(world.screen.text).toBe('');
    }
    world.progress.listen({ event: 'verify', algorithms: ['md5'] });
    world.progress.listen({ event: 'done', bytes: 1, seconds: 1 });
    world.progress.stop();
    const rates = world.screen.text.replaceAll('a\\u202eb: ', '').split('\n');
    expect(rates).toEqual(['10.0 KiB, 922 B/s', '20.0 KiB, 1.0 KiB/s', '30.0 KiB, 1.0 KiB/s', '']);
  });

  it('count only what is new if a transfer is resumed', async () => {
    const { screen, clock, progress } = await scene('plain');
    progress.listen({ event: 'start', name: 'x', total: 2000 * mebibyte, kept: 0 });
    progress.listen({ event: 'progress', bytes: 1000 * mebibyte, total: 2000 * mebibyte });
    clock.advance(10_000);
    progress.listen({ event: 'progress', bytes: 1010 * mebibyte, total: 2000 * mebibyte });
    expect(screen.text).toBe('x: 1010.0 MiB of 2.0 GiB (50 %), 1.0 MiB/s\n');
  });

  it('say why it is retried', async () => {
    const { screen, progress } = await scene('plain');
    const message = 'Glance answered 503\nService Unavailable';
    progress.listen({ event: 'retry', attempt: 3, delay_ms: 1500, code: 'http.503', message, bytes: 0 });
    expect(screen.text).toBe('Glance answered 503\\x0aService Unavailable; attempt 3 in 1.5 s\n');
  });
});

it('JSON is one event per line with its time, safe for a terminal', async () => {
  const { screen, clock, progress } = await scene('json');
  progress.listen({ event: 'start', name: 'a\u009b\n', total: null, kept: 0 });
  clock.advance(1500);
  progress.listen({ event: 'progress', bytes: 5, total: 10 });
  progress.listen({ event: 'retry', attempt: 2, delay_ms: 1000, code: 'net.reset', message: 'm', bytes: 5 });
  progress.listen({ event: 'verify', algorithms: ['md5'] });
  progress.listen({ event: 'done', bytes: 10, seconds: 2 });
  progress.listen({ event: 'failed', bytes: 3, kept: null });
  progress.stop();
  const time = '2026-01-01T00:00:01.500Z';
  expect(screen.text).toContain('"a\\u009b\\n"');
  expect(
    screen.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { event: 'start', time: '2026-01-01T00:00:00.000Z', name: 'a\u009b\n', total: null, kept: 0 },
    { event: 'progress', time, bytes: 5, total: 10 },
    { event: 'retry', time, attempt: 2, delay_ms: 1000, code: 'net.reset', message: 'm', bytes: 5 },
    { event: 'verify', time, algorithms: ['md5'] },
    { event: 'done', time, bytes: 10, seconds: 2 },
    { event: 'failed', time, bytes: 3, kept: null },
  ]);
});

it('none is silent', async () => {
  const world = await scene('none');
  transfer(world);
  world.progress.stop();
  expect(world.screen.text).toBe('');
});

it.each(['bar', 'plain', 'json'] as const)('%s silently continues after its reader closed it', async (kind) => {
  class Closed extends Writable {
    override _write(_chunk: Buffer, _encoding: BufferEncoding, done: (error: Error) => void): void {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    }
  }
  const [stream, clock] = [new Closed(), new ManualClock()];
  const options = { stream, isTTY: true, columns: 80, clock, style: plainStyle };
  const progress = await createProgress(kind, options);
  await createProgress(kind, options);
  const closed = new Promise((resolve) => stream.once('close', resolve));
  progress.listen({ event: 'start', name: 'x', total: 10, kept: 0 });
  progress.listen({ event: 'retry', attempt: 2, delay_ms: 1, code: 'net.reset', message: 'm', bytes: 0 });
  await closed;
  clock.advance(20_000);
  progress.listen({ event: 'progress', bytes: 5, total: 10 });
  clock.advance(20_000);
  progress.stop();
  expect(stream.errored).toMatchObject({ code: 'EPIPE' });
  expect(stream.listenerCount('error')).toBe(1);
});
