// The published schema of CycloneDX 1.6, to check documents against.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'vitest';

/** Comes with the library of CycloneDX itself. */
const folder = join(
  dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')),
  'res',
  'schema',
);
const read = (name: string): object =>
  JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;
// Only addresses and times have formats, and there are none here.
const ajv = new Ajv({ strict: false, validateFormats: false });
for (const name of ['spdx', 'jsf-0.82'])
  ajv.addSchema({ ...read(name), $id: `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json` });
const validate = ajv.compile(read('bom-1.6'));

/** The parts of a document that are checked. */
export interface CycloneDx {
  readonly metadata: { readonly component: CycloneDxComponent };
  readonly components: readonly CycloneDxComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

export interface CycloneDxComponent {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly { readonly license: { readonly name: string } }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

/** Checks a document against the schema, and that everything it refers to is in it exactly once. */
export function expectCycloneDx(text: string): CycloneDx {
  const value: unknown = JSON.parse(text);
  const isValid = validate(value);
  expect(isValid ? null : validate.errors).toBeNull();
  const document = value as CycloneDx;
  const references = [document.metadata.component, ...document.components].map((each) => each['bom-ref']);
  expect(new Set(references).size).toBe(references.length);
  const named = document.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
  expect(named.filter((ref) => !references.includes(ref))).toEqual([]);
  return document;
}
