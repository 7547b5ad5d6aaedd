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

test('of a BigInt is a number even where a host gives BigInts another form', () => {
  const patched: { toJSON?: () => string } = BigInt.prototype as object;
  patched.toJSON = () => 'text';
  try {
    expect(toJson({ ...value, big: 18446744073709551615n })).toContain('"big":18446744073709551615}');
    expect(toJson([1n, { of: 2n }], 2)).toBe('[\n  1,\n  {\n    "of": 2\n  }\n]');
    expect(toJson(value)).toBe(JSON.stringify(value));
  } finally {
    delete patched.toJSON;
  }
});
