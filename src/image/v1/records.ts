// Parses API v1 lists and members from JSON.
import { GlanceError } from '../../errors.ts';
import type { Image, Member } from '../image.ts';
import { isObject, type JsonObject, listOf, propertyText, recordsOf } from '../record-json.ts';
import { type OddField, showValue } from '../odd-record.ts';
import { keepOddOnes, type Page } from '../paging.ts';
import { buildV1Image, type RawValue, v1Fields } from './fields.ts';

/** Parses the records of `GET /images/detail`. @throws GlanceError `json.invalid` */
export function parseImageList(value: unknown): Page['images'] {
  return keepOddOnes(recordsOf(value, 'v1'), parseImage);
}

function parseImage(entry: JsonObject): Image {
  const odd: OddField[] = [];
  const fields = new Map<string, RawValue>();
  for (const [key, value] of Object.entries(entry)) {
    if (!v1Fields.has(key)) continue;
    if (isSingle(value)) fields.set(key, value);
    else odd.push({ key, reason: `is not a single exact value: ${showValue(value)}` });
  }
  const properties = new Map<string, string | null>();
  const { properties: given = {} } = entry;
  if (!isObject(given)) odd.push({ key: 'properties', reason: `is not an object: ${showValue(given)}` });
  for (const [key, value] of Object.entries(isObject(given) ? given : {})) {
    const text = propertyText(value);
    if (text === undefined) odd.push({ key, reason: 'is nested too deeply' });
    else properties.set(key, text);
  }
  return buildV1Image({ fields, properties, odd, nullIsWritten: false }, null);
}

/** Not a number that JSON.parse had to round, which would be shown wrongly without any warning. */
function isSingle(value: unknown): value is RawValue {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
}

/** Parses the members from `GET /images/{id}/members`. @throws GlanceError `json.invalid` */
export function parseMembers(value: unknown, imageId: string): readonly Member[] {
  return listOf(value, 'members', 'v1').map((entry) => toMember(entry, { image_id: imageId }));
}

/** Parses the shares from `GET /shared-images/{project}`. @throws GlanceError `json.invalid` */
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
