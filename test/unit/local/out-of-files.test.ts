import { describe, expect, it } from 'vitest';
import { reportError } from '../../../src/cli/console/report.ts';
import { GlanceError } from '../../../src/errors.ts';
import { toGlanceError } from '../../../src/http/connect/failures.ts';
import { unreadable } from '../../../src/local/named-file.ts';
import { isOutOfFiles } from '../../../src/local/out-of-files.ts';
import { toIoError } from '../../../src/transfer/files/io-error.ts';

const failure = (code: string, message = code): Error => Object.assign(new Error(message), { code });
const within = (cause: unknown): GlanceError => new GlanceError('config.invalid', 'something', { cause });
const deep = (depth: number): Error =>
  Array.from({ length: depth }).reduce<Error>((cause) => new Error('outer', { cause }), failure('EMFILE'));

describe('running out of files', () => {
  it.each([
    ['this process', failure('EMFILE')],
    ['the machine', failure('ENFILE')],
    ['a thread', failure('ERR_WORKER_INIT_FAILED', 'Worker initialization failure: EMFILE')],
    ['what caused another error', within(new Error('x', { cause: failure('EMFILE') }))],
    ['one of several addresses', new AggregateError([failure('ECONNREFUSED'), failure('EMFILE')])],
  ])('is recognised in %s, and is a local error', (_what, error) => {
    expect(isOutOfFiles(error)).toBe(true);
    const { exit, text } = reportError(error, { format: 'json', debug: false, width: null, paint: (word) => word });
    expect([exit, JSON.parse(text)]).toMatchObject([8, { code: 'io.limit', retryable: false, hint: 'see ulimit -n' }]);
  });

  it.each([
    ['another failure', failure('ECONNREFUSED')],
    ['another failure of a thread', failure('ERR_WORKER_INIT_FAILED', 'Worker initialization failure: ENOMEM')],
    ['what is not an error', 'EMFILE'],
    ['what merely mentions it', new Error('EMFILE')],
    ['an endless chain of causes', deep(100)],
  ])('is not recognised in %s', (_what, error) => {
    expect(isOutOfFiles(error)).toBe(false);
  });

  it('is reported with what needed another file', () => {
    const error = failure('EMFILE');
    const url = new URL('http://glance.example:9292/');
    const told = [
      toIoError(error, '/d/f'),
      toGlanceError(error, { url, phase: 'headers', proxy: null, facts: {}, hide: String }),
      unreadable('--os-cacert', 'ca.pem', error),
    ];
    expect(told.map(({ code, message }) => [code, message])).toEqual([
      ['io.limit', '/d/f: no more files can be opened'],
      ['io.limit', 'glance.example:9292: no more files can be opened'],
      ['io.limit', '--os-cacert: ca.pem: no more files can be opened'],
    ]);
  });
});
