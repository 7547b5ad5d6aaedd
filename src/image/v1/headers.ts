// Parses API v1 metadata from response headers.
import { GlanceError } from '../../errors.ts';
import type { HeaderList } from '../../http/text/headers.ts';
import type { Image } from '../image.ts';
import { buildV1Image, type RawImage, v1Fields } from './fields.ts';
import type { Warn } from '../service.ts';

const prefix = 'x-image-meta-';
const propertyPrefix = 'property-';

/** Whether an answer contains image metadata at all. */
function hasImageHeaders(headers: HeaderList): boolean {
  for (const { name } of headers) if (name.toLowerCase().startsWith(prefix)) return true;
  return false;
}

/**
 * Parses the image that `x-image-meta-*` headers describe. Names are compared without regard to case, and `-` equals
 * `_`. An unknown name is a custom property, even without `property-`, which Glance's image cache drops.
 * @throws OddRecordError if a field is malformed
 * @throws GlanceError `metadata.invalid` if there are no such headers; `http.bad_header` if a field occurs twice with
 * different values, which a forged property can cause
 */
export function parseImageHeaders(headers: HeaderList, requestedId: string, warn: Warn): Image {
  if (!hasImageHeaders(headers)) {
    throw new GlanceError('metadata.invalid', 'the answer has no x-image-meta headers: it is not an image', {
      hint: 'is the endpoint that of an Images API v1?',
    });
  }
  return buildV1Image(readHeaders(headers, warn), requestedId);
}

function readHeaders(headers: HeaderList, warn: Warn): RawImage {
  const fields = new Map<string, string>();
  const properties = new Map<string, string>();
  let nullIsWritten = false;
  for (const { name, value } of headers) {
    if (!name.toLowerCase().startsWith(prefix)) continue;
    const rest = name.slice(prefix.length).toLowerCase();
    const field = rest.replaceAll('-', '_');
    if (v1Fields.has(field)) {
      // Only the specification's examples write dashes, and only they write null as a word.
      if (rest !== field && !rest.includes('_')) nullIsWritten = true;
      setField(fields, field, value);
    } else {
      setProperty(properties, rest.startsWith(propertyPrefix) ? rest.slice(propertyPrefix.length) : rest, value, warn);
    }
  }
  return { fields, properties, nullIsWritten };
}

function setField(fields: Map<string, string>, field: string, value: string): void {
  const earlier = fields.get(field);
  if (earlier !== undefined && earlier !== value) {
    throw new GlanceError(
      'http.bad_header',
      `the server sent the image's ${field} twice: "${earlier}" and "${value}"`,
      {
        hint: 'a property with line breaks can forge headers; the list of images is not affected',
      },
    );
  }
  fields.set(field, value);
}

function setProperty(properties: Map<string, string>, key: string, value: string, warn: Warn): void {
  const earlier = properties.get(key);
  if (earlier !== undefined && earlier !== value) {
    warn(`two properties differ only by case, which headers do not keep: "${key}"; the first is shown`);
    return;
  }
  properties.set(key, value);
}
