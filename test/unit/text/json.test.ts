import { expect, test } from 'vitest';
import { toJson } from '../../../src/text/json.ts';

const value = {
  text: 'a "quoted"\nline',
  nothing: null,
  left: undefined,
  list: [1, undefined, [], {}],
  nested: Object.assign(Object.create(null) as object, { deep: [true, { key: -0.5 }] }),
};

test.each([0, 2])('JSON with indent %i is that of JSON.stringify, with a BigInt in it or not', (indent) => {
  expect(toJson(value, indent)).toBe(JSON.stringify(value, null, indent));
  const digits = '18446744073709551615';
  expect(toJson({ ...value, big: BigInt(digits) }, indent)).toBe(
    JSON.stringify({ ...value, big: 'BIG' }, null, indent).replace('"BIG"', digits),
  );
  expect(toJson(undefined, indent)).toBe('null');
});
