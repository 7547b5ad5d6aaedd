// API v1 lists, members and version choices from JSON.
import { GlanceError } from '../errors.ts';
import type { Image, Member } from './image.ts';
import { isObject, type JsonObject, listOf, propertyText } from './json.ts';
import { buildV1Image, type RawValue, v1Fields } from './v1-fields.ts';
import type { Warn } from './service.ts';

/**
 * The images of `GET /images/detail`.
 * @throws GlanceError `json.invalid`, `metadata.invalid`
 */
export function parseImageList(value: unknown, warn: Warn): readonly Image[] {
  return listOf(value, 'images', 'v1').map((entry) => {
    if (!isObject(entry)) throw new GlanceError('json.invalid', 'the list of images holds something that is no image');
    return parseImage(entry, warn);
  });
}

function parseImage(entry: JsonObject, warn: Warn): Image {
  const fields = new Map<string, RawValue>();
  for (const [key, value] of Object.entries(entry)) {
    if (v1Fields.has(key)) fields.set(key, scalar(key, value));
  }
  const properties = new Map<string, string | null>();
  if (isObject(entry['properties'])) {
    for (const [key, value] of Object.entries(entry['properties'])) properties.set(key, propertyText(value));
  }
  return buildV1Image({ fields, properties, nullIsWritten: false }, null, warn);
}

function scalar(key: string, value: unknown): RawValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  // A number that JSON.parse had to round would be shown wrong without a word.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new GlanceError('metadata.invalid', `the image's ${key} is not a single exact value`);
}

/** The members of `GET /images/{id}/members`. @throws GlanceError `json.invalid` */
export function parseMembers(value: unknown, imageId: string): readonly Member[] {
  return listOf(value, 'members', 'v1').map((entry) => toMember(entry, { image_id: imageId }));
}

/** The shares of `GET /shared-images/{project}`. @throws GlanceError `json.invalid` */
export function parseSharedImages(value: unknown, project: string): readonly Member[] {
  return listOf(value, 'shared_images', 'v1').map((entry) => toMember(entry, { member_id: project }));
}

function toMember(entry: unknown, known: { image_id?: string; member_id?: string }): Member {
  const object = isObject(entry) ? entry : {};
  const imageId = known.image_id ?? object['image_id'];
  const memberId = known.member_id ?? object['member_id'];
  if (typeof imageId !== 'string' || typeof memberId !== 'string') {
    throw new GlanceError('json.invalid', 'the list of members holds an entry without an id');
  }
  const canShare = object['can_share'];
  return {
    image_id: imageId,
    member_id: memberId,
    status: null,
    can_share: typeof canShare === 'boolean' ? canShare : null,
    created_at: null,
    updated_at: null,
  };
}

/** Versions of `GET /`, such as `v2.6` and `v1.1`; null if this is no list of an Images API's versions. */
export function parseVersions(value: unknown): readonly string[] | null {
  const list = isObject(value) ? value['versions'] : undefined;
  if (!Array.isArray(list)) return null;
  const ids = list.map((entry: unknown) => (isObject(entry) ? entry['id'] : undefined));
  return ids.filter((id): id is string => typeof id === 'string' && /^v\d+(?:\.\d+)?$/.test(id));
}
