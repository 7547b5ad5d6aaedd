// YAML. A module of its own, so that the library loads only for -f yaml.
import { Document } from 'yaml';

/** The value as a YAML document of the core schema; strings that look like something else are quoted. */
export function toYaml(value: unknown): string {
  return new Document(value, { version: '1.2', aliasDuplicateObjects: false }).toString({ lineWidth: 0 });
}
