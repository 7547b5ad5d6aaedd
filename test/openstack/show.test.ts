// Every sample as Glance describes it, field by field.
import { describe, expect, test } from 'vitest';
import { glanceCli, parseError, printedJson } from './support/cli.ts';
import { askGlance, expectedImage, listAll, printedImage, type WireImage } from './support/glance.ts';
import { type Project, runningStack, sampleId, stack } from './support/stack.ts';

/** Numbers of all samples except the deleted one and the one visible only to its own project. */
const visible = [
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
  [20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31, 33, 34, 35, 36, 37, 38],
  [40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 60, 61, 62, 63],
  [70, 71, 72, 73, 80, 81, 82, 83, 84, 85, 86, 90, 91, 92, 93],
].flat();

/** The program's output for an image, and the expected one. */
async function shownAndExpected(id: string, as: Project): Promise<readonly [shown: unknown, expected: unknown]> {
  const shown = printedImage(await printedJson(['show', id], { as }));
  return [shown, expectedImage((await askGlance(`/v2/images/${id}`, as)) as WireImage)];
}

describe.skipIf(stack === null)('show', () => {
  test.each(visible)('prints every field of sample %i as Glance has it', async (number) => {
    const [shown, expected] = await shownAndExpected(sampleId(number), 'demo');
    expect(shown).toEqual(expected);
  });

  test('shows the owner a private image', async () => {
    const [shown, expected] = await shownAndExpected(sampleId(32), 'other');
    expect(shown).toEqual(expected);
  });

  test('knows every sample of the manifest', () => {
    const known = [...visible, 28, 32].map(sampleId).toSorted();
    expect(runningStack().samples.map(({ id }) => id)).toEqual(known);
  });

  test.each([
    [28, 'a deleted image'],
    [32, 'a private image of another project'],
  ])('does not find sample %i, %s', async (number) => {
    const result = await glanceCli(['--error-format', 'json', 'show', sampleId(number)]);
    expect(result.code).toBe(3);
    expect(parseError(result)).toMatchObject({ code: 'image.not_found', image: sampleId(number) });
    expect(result.stdout).toBe('');
  });

  test('keeps a property named __proto__ as a property', async () => {
    const { stdout } = await glanceCli(['-f', 'json', 'show', sampleId(62)]);
    const { properties } = JSON.parse(stdout) as { properties: object };
    expect(Object.entries(properties)).toContainEqual(['__proto__', 'polluted']);
  });

  test('shows the same objects as the list', async () => {
    const printed = (await printedJson(['list', '--name', 'properties'])) as readonly unknown[];
    expect(printed.map(printedImage)).toEqual((await listAll('&name=properties')).map(expectedImage));
  });

  test('accepts the full URI of an image', async () => {
    const uri = `${runningStack().glance}/v2/images/${sampleId(18)}`;
    expect(await printedJson(['show', uri])).toMatchObject({ id: sampleId(18), size: 1000 });
  });

  test('sends no token to a URI that nobody configured', async () => {
    const uri = `${runningStack().glance}/v2/images/${sampleId(18)}`;
    const result = await glanceCli(['--error-format', 'json', 'show', uri], { endpoint: 'http://127.0.0.1:9' });
    expect(result.code).toBe(4);
    expect(parseError(result)).toMatchObject({ code: 'auth.required', http_status: 401 });
  });
});
