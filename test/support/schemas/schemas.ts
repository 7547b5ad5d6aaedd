// The JSON Schemas in schemas/, to check values against.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

export interface Schema {
  readonly $id: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, { readonly description?: string; readonly const?: string }>>;
  readonly required: readonly string[];
  readonly additionalProperties?: boolean;
  readonly oneOf?: readonly Schema[];
}

const directory = join(import.meta.dirname, '../../../schemas');
/** Without `.json`. */
export const schemaNames: readonly string[] = readdirSync(directory).map((name) => name.replace(/\.json$/, ''));
const schemas = new Map(
  schemaNames.map((name) => [name, JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as Schema]),
);
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false });
for (const schema of schemas.values()) ajv.addSchema(schema);

/** The schema of `schemas/NAME.json`, which must exist. */
export function schemaOf(name: string): Schema {
  const schema = schemas.get(name);
  if (schema === undefined) throw new Error(`there is no schemas/${name}.json`);
  return schema;
}

/** The function that checks a value against it. */
export function validatorOf(name: string): ValidateFunction {
  return ajv.getSchema(schemaOf(name).$id) as ValidateFunction;
}

/** Checks a value against `schemas/NAME.json`. */
export function expectValid(name: string, value: unknown): void {
  const validate = validatorOf(name);
  const isValid = validate(value);
  expect({ value, errors: isValid ? null : validate.errors }).toEqual({ value, errors: null });
}

/** Checks each of some values, at least one, against `schemas/NAME.json`. */
export function expectEachValid(name: string, values: readonly unknown[]): void {
  expect(values.length).toBeGreaterThan(0);
  for (const value of values) expectValid(name, value);
}
