// The JSON Schemas in schemas/, to hold values against.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false });

/** Holds each value against `schemas/NAME.json`; there has to be one. */
export function expectEachValid(name: string, values: readonly unknown[]): void {
  const path = join(import.meta.dirname, '..', '..', 'schemas', `${name}.json`);
  const schema = JSON.parse(readFileSync(path, 'utf8')) as { readonly $id: string };
  const validate = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
  expect(values.length).toBeGreaterThan(0);
  for (const value of values) {
    const isValid = validate(value);
    expect({ value, errors: isValid === true ? null : validate.errors }).toEqual({ value, errors: null });
  }
}
