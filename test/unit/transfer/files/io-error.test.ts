import { describe, expect, it } from 'vitest';
import { GlanceError } from '../../../../src/errors.ts';
import { toIoError, toReadError } from '../../../../src/transfer/files/io-error.ts';

const failure = (code: string, more: object = {}): Error => Object.assign(new Error(code), { code, ...more });

describe('a failure with a file', () => {
  it.each([
    ['ENOSPC', 'io.nospace', 'io.nospace'],
    ['EDQUOT', 'io.nospace', 'io.nospace'],
    ['EACCES', 'io.permission', 'io.permission'],
    ['EPERM', 'io.permission', 'io.permission'],
    ['EROFS', 'io.readonly', 'io.readonly'],
    ['EFBIG', 'io.limit', 'io.limit'],
    ['EMFILE', 'io.limit', 'io.limit'],
    ['ENOENT', 'io.missing', 'io.missing'],
    ['ENOTDIR', 'io.missing', 'io.missing'],
    ['EEXIST', 'io.exists', 'io.exists'],
    ['EISDIR', 'io.not_regular', 'io.not_regular'],
    ['ELOOP', 'io.not_regular', 'io.not_regular'],
    ['ENAMETOOLONG', 'io.name', 'io.name'],
    ['EIO', 'io.error', 'io.error'],
  ])('%s is %s, names the path and keeps its cause', (errno, written, read) => {
    const cause = failure(errno);
    expect(toIoError(cause, '/images/a')).toMatchObject({ code: written, cause });
    expect(toReadError(cause, '/images/a')).toMatchObject({ code: read, cause });
    expect(toIoError(cause, '/images/a').message).toMatch(/^\/images\/a: ./);
  });

  it('is reported differently for what is read', () => {
    expect(toIoError(failure('ENOENT'), 'a')).toMatchObject({
      message: 'a: there is no such directory',
      facts: { hint: 'create it first' },
    });
    expect(toReadError(failure('ENOENT'), 'a')).toMatchObject({
      message: 'a: there is no such file',
      facts: { hint: 'check the path' },
    });
    expect(toReadError(failure('EIO'), 'a').message).toBe('a: input/output error (EIO)');
    expect(toReadError('x', 'a').message).toBe('a: input/output error');
  });

  it('names what has taken a name of ours, or else the file that was meant', () => {
    const taken = (more: object): string => toIoError(failure('EISDIR', more), 'a').message;
    expect(taken({ path: '.a.part', dest: 'other' })).toBe('other: it is a directory');
    expect(taken({ path: '.a.part' })).toBe('.a.part: it is a directory');
    expect(taken({})).toBe('a: it is a directory');
    expect(toIoError(failure('EACCES', { path: '.a.part' }), 'a').message).toBe('a: permission denied');
  });

  it('that is already explained stays as it is', () => {
    const known = new GlanceError('io.exists', 'known');
    expect([toIoError(known, 'a'), toReadError(known, 'a')]).toEqual([known, known]);
  });
});
