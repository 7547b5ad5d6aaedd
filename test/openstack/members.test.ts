// Who an image is shared with.
import { describe, expect, test } from 'vitest';
import { glanceCli, parseError, printedJson } from './support/cli.ts';
import { askGlance } from './support/glance.ts';
import { runningStack, sampleId, stack } from './support/stack.ts';

interface WireMember {
  readonly member_id: string;
  readonly status: string;
  readonly created_at: string;
  readonly updated_at: string;
}

describe.skipIf(stack === null)('members', () => {
  test.each([
    [33, 'accepted', 'other'],
    [34, 'pending', 'other'],
    [35, 'rejected', 'other'],
    [33, 'accepted', 'demo'],
  ] as const)('of sample %i: one project that has it %s, as %s sees it', async (number, status, as) => {
    const id = sampleId(number);
    const { members } = (await askGlance(`/v2/images/${id}/members`, as)) as { members: readonly WireMember[] };
    const [member] = members;
    expect(member).toMatchObject({ member_id: runningStack().projects.demo, status });
    expect(await printedJson(['members', id], { as })).toEqual([
      {
        image_id: id,
        member_id: member?.member_id,
        status,
        can_share: null,
        created_at: member?.created_at,
        updated_at: member?.updated_at,
      },
    ]);
  });

  test('of an image that is shared with nobody: none', async () => {
    expect(await printedJson(['members', 'shared-with-nobody'])).toEqual([]);
  });

  test('of a private image of another project: not found', async () => {
    const result = await glanceCli(['--error-format', 'json', 'members', sampleId(32)]);
    expect(result.code).toBe(3);
    expect(parseError(result)).toMatchObject({ code: 'image.not_found' });
  });

  test('cannot be queried by project on API v2', async () => {
    const result = await glanceCli([
      '--error-format',
      'json',
      'members',
      '--shared-with',
      runningStack().projects.demo,
    ]);
    expect(result.code).toBe(2);
    expect(parseError(result)).toMatchObject({ code: 'usage.unsupported' });
  });
});
