// What stores answer, as values. Everything is null for text that makes no sense.
import { parseLength } from '../http/text/headers.ts';
import { findText, parseXml, type XmlElement } from './xml.ts';

/** An object as a list has it. */
export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Without quotes; null if the store names none. */
  readonly etag: string | null;
  /** Milliseconds since 1970 UTC; null if it cannot be read. */
  readonly lastModified: number | null;
}

/** An upload that was begun and neither completed nor aborted. */
export interface ListedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Milliseconds since 1970 UTC; null if it cannot be read. */
  readonly initiated: number | null;
}

/** A part that the store has. */
export interface ListedPart {
  /** 1 to 10,000. */
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  /** Without quotes: the MD5 of the part, in hexadecimal, at most stores. */
  readonly etag: string;
}

/** One page of a list, and where the next begins. */
export interface Page<Item, Next> {
  readonly items: readonly Item[];
  /** Null: this was the last. */
  readonly next: Next | null;
}

/** What a store says about a refusal. */
export interface Refusal {
  /** Its own code, such as `NoSuchKey`. */
  readonly code: string;
  /** In its words; may be empty. */
  readonly message: string;
  /** The region to ask instead. */
  readonly region: string | null;
  /** The host to ask instead. */
  readonly endpoint: string | null;
}

/** As every code is written. */
const refusalCode = /^[A-Za-z][\w.]{0,99}$/;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function parseRefusal(text: string): Refusal | null {
  const error = rootOf(text, 'Error');
  const code = error === null ? null : findText(error, 'Code');
  if (error === null || code === null || !refusalCode.test(code)) return null;
  return {
    code,
    message: findText(error, 'Message') ?? '',
    region: findText(error, 'Region'),
    endpoint: findText(error, 'Endpoint'),
  };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function parseObjectPage(text: string): Page<ListedObject, string> | null {
  const list = rootOf(text, 'ListBucketResult');
  if (list === null) return null;
  const readKey = keyReader(list);
  const items = itemsOf(list, 'Contents', (item): ListedObject | null => {
    const key = readKey(item, 'Key');
    const size = parseLength(findText(item, 'Size') ?? '');
    if (key === null || size === null) return null;
    return { key, size, etag: etagOf(item), lastModified: timeOf(item, 'LastModified') };
  });
  return pageOf(list, items, findText(list, 'NextContinuationToken'));
}

/** Where the next page of uploads begins. */
export interface UploadMarker {
  readonly key: string;
  readonly uploadId: string;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function parseUploadPage(text: string): Page<ListedUpload, UploadMarker> | null {
  const list = rootOf(text, 'ListMultipartUploadsResult');
  if (list === null) return null;
  const readKey = keyReader(list);
  const items = itemsOf(list, 'Upload', (item): ListedUpload | null => {
    const key = readKey(item, 'Key');
    const uploadId = findText(item, 'UploadId');
    if (key === null || uploadId === null) return null;
    return { key, uploadId, initiated: timeOf(item, 'Initiated') };
  });
  const key = readKey(list, 'NextKeyMarker');
  const uploadId = findText(list, 'NextUploadIdMarker');
  return pageOf(list, items, key === null || uploadId === null ? null : { key, uploadId });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function parsePartPage(text: string): Page<ListedPart, string> | null {
  const list = rootOf(text, 'ListPartsResult');
  if (list === null) return null;
  const items = itemsOf(list, 'Part', (item): ListedPart | null => {
    const number = parseLength(findText(item, 'PartNumber') ?? '');
    const size = parseLength(findText(item, 'Size') ?? '');
    const etag = etagOf(item);
    return number === null || size === null || etag === null ? null : { number, size, etag };
  });
  return pageOf(list, items, findText(list, 'NextPartNumberMarker'));
}

/** The id of an upload that begins. */
export function parseUploadId(text: string): string | null {
  const result = rootOf(text, 'InitiateMultipartUploadResult');
  const id = result === null ? null : findText(result, 'UploadId');
  return id === '' ? null : id;
}

/** What completing an upload made; the ETag is without quotes, and null if the store names none. */
export function parseCompleted(text: string): { readonly etag: string | null } | null {
  const result = rootOf(text, 'CompleteMultipartUploadResult');
  return result === null ? null : { etag: etagOf(result) };
}

/** An ETag without its quotes; null for none. */
export function plainEtag(text: string | null): string | null {
  const plain = text?.trim().replace(/^"|"$/g, '') ?? '';
  return plain === '' ? null : plain;
}

function rootOf(text: string, name: string): XmlElement | null {
  const root = parseXml(text);
  return root?.name === name ? root : null;
}

function itemsOf<Item>(
  list: XmlElement,
  name: string,
  read: (item: XmlElement) => Item | null,
): readonly Item[] | null {
  const items = list.children.filter((child) => child.name === name).map(read);
  return items.every((item) => item !== null) ? items : null;
}

/** A list that says there is more, and not where, makes no sense. */
function pageOf<Item, Next>(
  list: XmlElement,
  items: readonly Item[] | null,
  next: Next | null,
): Page<Item, Next> | null {
  const hasMore = findText(list, 'IsTruncated') === 'true';
  if (items === null || (hasMore && (next === null || next === ''))) return null;
  return { items, next: hasMore ? next : null };
}

function etagOf(item: XmlElement): string | null {
  return plainEtag(findText(item, 'ETag'));
}

function timeOf(item: XmlElement, name: string): number | null {
  const text = findText(item, name) ?? '';
  const time = /^\d{4}-\d\d-\d\dT[\d:.]{8,20}Z$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** Keys are percent-encoded where the list says so: XML cannot carry all of them. */
function keyReader(list: XmlElement): (item: XmlElement, name: string) => string | null {
  const isEncoded = findText(list, 'EncodingType') === 'url';
  return (item, name) => {
    const text = findText(item, name);
    return text !== null && isEncoded ? decodeKey(text) : text;
  };
}

/** As in a form, with `+` for a space. What is not encoded as it should be stays as it is. */
function decodeKey(text: string): string {
  const bytes = Buffer.from(text.replaceAll('+', ' '))
    .toString('latin1')
    .replace(/%([\da-fA-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
