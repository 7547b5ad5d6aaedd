import { describe, expect, it } from 'vitest';
import { parseQueueUrl } from '../../../src/queue/queue-url.ts';

const plain = { port: 6379, database: 0, isTls: false, username: null, password: null, queue: 'mirror' };

describe('the address of a queue', () => {
  it.each([
    ['redis://q', { ...plain, host: 'q', shown: 'redis://q:6379/0#mirror' }],
    ['REDIS://q:7000/3#audit', { ...plain, host: 'q', port: 7000, database: 3, queue: 'audit' }],
    ['rediss://ann:s%40fe@q.example/', { ...plain, host: 'q.example', isTls: true, username: 'ann', password: 's@fe' }],
    ['redis://:only-a-password@10.0.0.1:1/15', { ...plain, host: '10.0.0.1', port: 1, database: 15 }],
    ['redis://[::1]:6380', { ...plain, host: '::1', port: 6380, shown: 'redis://[::1]:6380/0#mirror' }],
  ])('%s is taken apart', (text, { password, ...rest }) => {
    expect(parseQueueUrl(text)).toMatchObject({ ...rest, ...(password !== null && { password }) });
  });

  it.each([
    ['q:6379'],
    [''],
    ['redis://'],
    ['postgres://ann:hidden-secret@q/db'],
    ['redis-sentinel://ann:hidden-secret@q'],
    ['redis://ann:hidden-secret@a,b:6379'],
    ['redis://ann:hidden-secret@q:99999'],
    ['redis://ann:hidden-secret@q/x'],
    ['redis://ann:hidden-secret@q?db=1'],
    ['redis://ann:hidden-secret@q#a/b'],
    ['redis://ann:hidden-secret%@q#%zz'],
  ])('%s is refused without showing its password', (text) => {
    const refused = (): object => {
      try {
        return parseQueueUrl(text);
      } catch (error) {
        return error as object;
      }
    };
    const error = refused();
    expect(error).toMatchObject({ code: 'usage.option' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hidden-secret');
  });
});
