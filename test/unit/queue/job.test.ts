import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import { type AuditJob, type CopyJob, formatJob, jobId, parseJob, type VerifyJob } from '../../../src/queue/job.ts';

const job: CopyJob = {
  kind: 'copy',
  place: 's3://images/prod',
  endpoint: 'https://glance.example/v2/',
  image: 'a1',
  name: 'cirros',
  size: 5,
  digest: 'sha512:00',
  record: 'ff',
  policy: { requireSafe: false, requireChecksum: false, preferStore: [] },
};

const about = { image: 'a1', name: 'cirros', size: 5, record: 'ff' };
const audit: AuditJob = {
  kind: 'audit',
  place: null,
  endpoint: 'https://glance.example/v2/',
  ...about,
  policy: { contents: true, contentsLimit: null, spool: false, target: null },
};
const verify: VerifyJob = {
  kind: 'verify',
  place: '/srv/images',
  endpoint: null,
  ...about,
  file: 'a1/a1.raw',
  digests: ['sha512:00'],
  policy: { quick: false },
};

describe('a job', () => {
  it('of each kind reads back as it was put in, without what an earlier attempt left', () => {
    for (const each of [job, audit, { ...audit, place: 's3://b' }, verify]) {
      expect(parseJob({ ...formatJob(each), result: 'x'.repeat(100_000) })).toEqual(each);
    }
  });

  it('differs by policy and expectation', () => {
    const others = [
      job,
      audit,
      { ...audit, place: '/srv/images' },
      { ...audit, policy: { ...audit.policy, contents: false } },
      { ...audit, policy: { ...audit.policy, contentsLimit: 1 } },
      { ...audit, policy: { ...audit.policy, spool: true } },
      { ...audit, policy: { ...audit.policy, target: 'glance-2026.1' } },
      verify,
      { ...verify, digests: ['sha512:01'] },
      { ...verify, size: 6 },
      { ...verify, policy: { quick: true } },
    ];
    expect(new Set(others.map(jobId)).size).toBe(others.length);
  });

  it('reads back as it was put in', () => {
    expect(parseJob(JSON.parse(JSON.stringify(formatJob(job))))).toEqual(job);
    const unknown = { ...job, name: null, size: null, digest: null };
    expect(parseJob(formatJob(unknown))).toEqual(unknown);
  });

  it('differs by place, Glance, image, record and policy', () => {
    const others = [
      { ...job, place: '/srv/images' },
      { ...job, endpoint: 'https://other.example/v2/' },
      { ...job, image: 'a2' },
      { ...job, record: 'fe' },
      { ...job, policy: { ...job.policy, requireSafe: true } },
      { ...job, policy: { ...job.policy, requireChecksum: true } },
      { ...job, policy: { ...job.policy, preferStore: ['near'] } },
    ];
    const ids = [job, ...others].map(jobId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^copy-[0-9a-f]{32}$/);
    expect(jobId({ ...job, name: 'renamed', size: 6, digest: null })).toBe(jobId(job));
  });

  it('from a planner that knows no stores prefers none', () => {
    const { preferStore: _, ...policy } = job.policy;
    expect(parseJob({ ...formatJob(job), policy })).toEqual(job);
  });

  it.each([
    [null],
    [[]],
    ['copy'],
    [{ ...formatJob(job), schema: 2 }],
    [{ ...formatJob(job), kind: 'exec' }],
    [{ ...formatJob(job), image: 1 }],
    [{ ...formatJob(job), size: -1 }],
    [{ ...formatJob(job), size: 1.5 }],
    [{ ...formatJob(job), policy: null }],
    [{ ...formatJob(job), policy: { requireSafe: 'no', requireChecksum: false } }],
    [{ ...formatJob(job), policy: { ...job.policy, preferStore: 'near' } }],
    [{ ...formatJob(job), place: 'x'.repeat(20_000) }],
    [{ ...formatJob(job), place: null }],
    [{ ...formatJob(audit), policy: { contents: true, contentsLimit: 0, spool: false } }],
    [{ ...formatJob(audit), endpoint: null }],
    [{ ...formatJob(verify), size: null }],
    [{ ...formatJob(verify), digests: [1] }],
    [{ ...formatJob(verify), digests: Array.from({ length: 100 }, () => 'md5:00') }],
  ])('that makes no sense is refused: %j', (value) => {
    expect(() => parseJob(value)).toThrow(GlanceError);
  });

  it('is refused or has the fields of a job, whatever the queue holds', () => {
    const field = fc.option(fc.jsonValue(), { nil: undefined });
    const shape = fc.record(Object.fromEntries(Object.keys(formatJob(job)).map((key) => [key, field])));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), shape), (value) => {
        try {
          expect(typeof parseJob(value).image).toBe('string');
        } catch (error) {
          expect(error).toMatchObject({ code: 'metadata.invalid' });
        }
      }),
      { numRuns: 200 },
    );
  });
});
