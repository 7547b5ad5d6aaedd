// Decides which images pass a list's filters. Pure; the query is already known to be valid.
import type { CatalogImage } from '../images/catalog.ts';
import { parseInteger } from '../images/pairs.ts';
import { parseSince, toV1Time } from '../images/time.ts';
import { isGone, isListed, type View } from '../images/visibility.ts';

type Test = (entry: CatalogImage) => boolean;

const propertyPrefix = 'property-';

/** One test for each filter, by parameter. */
const tests: Readonly<Record<string, (value: string) => Test>> = {
  name: (value) => (entry) => entry.image.name === value,
  status: (value) => (entry) => entry.image.status === value,
  container_format: (value) => (entry) => entry.image.container_format === value,
  disk_format: (value) => (entry) => entry.image.disk_format === value,
  min_ram: (value) => (entry) => (entry.image.min_ram ?? 0) === parseInteger(value),
  min_disk: (value) => (entry) => (entry.image.min_disk ?? 0) === parseInteger(value),
  size_min: (value) => (entry) => entry.image.size !== null && entry.image.size >= Number(value),
  size_max: (value) => (entry) => entry.image.size !== null && entry.image.size <= Number(value),
  protected: (value) => (entry) => (entry.image.protected ?? false) === isTrue(value),
  'changes-since': (value) => {
    const since = parseSince(value) ?? '';
    return (entry) => entry.image.updated_at !== null && toV1Time(entry.image.updated_at) > since;
  },
};

/** A test of whether a list shows an image. Parameters that are not filters are ignored, as Glance does. */
export function makeFilter(parameters: ReadonlyMap<string, string>, view: View): Test {
  const all: Test[] = [(entry) => isListed(entry, view)];
  // A request for changes is how a client learns that images are gone.
  if (!parameters.has('changes-since')) all.push((entry) => !isGone(entry));
  const isPublic = parameters.get('is_public');
  if (view === 'everything' && isPublic !== undefined && /^(?:false|0)$/i.test(isPublic)) {
    all.push((entry) => entry.image.visibility !== 'public');
  }
  for (const [name, value] of parameters) {
    if (name.startsWith(propertyPrefix)) all.push(hasProperty(name.slice(propertyPrefix.length), value));
    else if (Object.hasOwn(tests, name)) all.push(tests[name]?.(value) ?? (() => true));
  }
  return (entry) => all.every((test) => test(entry));
}

function hasProperty(key: string, value: string): Test {
  return ({ image }) => Object.hasOwn(image.properties, key) && image.properties[key] === value;
}

function isTrue(value: string): boolean {
  return /^(?:true|1)$/i.test(value);
}
