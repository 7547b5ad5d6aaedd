import { expect, it } from 'vitest';
import { GlanceError } from '../../../../src/errors.ts';
import { priorityOf } from '../../../../src/queue/bullmq/bull-jobs.ts';
import { formatReason, parseReason } from '../../../../src/queue/bullmq/reasons.ts';

it('keeps the code and the message of a failure', () => {
  const error = new GlanceError('integrity.digest', 'the data is another: md5');
  expect(parseReason(formatReason(error))).toEqual({ code: 'integrity.digest', message: 'the data is another: md5' });
});

it('treats an unknown reason as the message of a worker that died', () => {
  for (const text of ['', 'Error', 'job stalled more than allowable limit']) {
    expect(parseReason(text)).toEqual({ code: 'worker.died', message: text });
  }
  expect(parseReason('x'.repeat(10_000)).message.length).toBe(2000);
});

it('puts larger images first, within what BullMQ can order', () => {
  const priorities = [2 ** 53 - 1, 2 ** 40, 2 ** 31, null, 2 ** 20, 1, 0].map(priorityOf);
  expect(priorities.toSorted((left, right) => left - right)).toEqual(priorities);
  expect(new Set(priorities).size).toBe(priorities.length);
  expect([priorities.at(0), priorities.at(-1)]).toEqual([1, 2_000_000]);
});
