// Parses the answers of stores. Everything is null for malformed text.
import { parseLength } from '../http/text/headers.ts';
import { findText, parseXml, type XmlElement } from './xml.ts';

/** An object in a list. */
export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Without quotes; null if the store sends none. */
  readonly etag: string | null;
  /** Milliseconds since 1970 UTC; null if it cannot be read. */
  readonly lastModified: number | null;
}

/** An upload that was started but neither completed nor aborted. */
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

/** One page of a list, and where the next one begins. */
export interface S3Page<Item, Next> {
  readonly items: readonly Item[];
  /** Null: this was the last page. */
  readonly next: Next | null;
}

/** What a store says about a refusal. */
export interface Refusal {
  /** Its own code, such as `NoSuchKey`. */
  readonly code: string;
  /** The store's message; may be empty. */
  readonly message: string;
  /** The region to use instead. */
  readonly region: string | null;
  /** The host to use instead. */
  readonly endpoint: string | null;
}

/** The form of every code. */
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
export function parseObjectPage(text: string): S3Page<ListedObject, string> | null {
  const page = readList(text, 'ListBucketResult', 'Contents', (item): ListedObject | null => {
    const key = findText(item, 'Key');
    const size = parseLength(findText(item, 'Size') ?? '');
    if (key === null || size === null) return null;
    return { key, size, etag: etagOf(item), lastModified: timeOf(item, 'LastModified') };
  });
  if (page === null) return null;
  return pageOf(page.list, decodeKeys(page.list, page.items), findText(page.list, 'NextContinuationToken'));
}

/** Where the next page of uploads begins. */
export interface UploadMarker {
  readonly key: string;
  readonly uploadId: string;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function parseUploadPage(text: string): S3Page<ListedUpload, UploadMarker> | null {
  const page = readList(text, 'ListMultipartUploadsResult', 'Upload', (item): ListedUpload | null => {
    const key = findText(item, 'Key');
    const uploadId = findText(item, 'UploadId');
    if (key === null || uploadId === null) return null;
    return { key, uploadId, initiated: timeOf(item, 'Initiated') };
  });
  if (page === null) return null;
  const { list } = page;
  const key = findText(list, 'NextKeyMarker');
  const uploadId = findText(list, 'NextUploadIdMarker');
  const next = key === null || uploadId === null ? null : { key: isKeyEncoded(list) ? decodeKey(key) : key, uploadId };
  return pageOf(list, decodeKeys(list, page.items), next);
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function parsePartPage(text: string): S3Page<ListedPart, string> | null {
  const page = readList(text, 'ListPartsResult', 'Part', (item): ListedPart | null => {
    const number = parseLength(findText(item, 'PartNumber') ?? '');
    const size = parseLength(findText(item, 'Size') ?? '');
    const etag = etagOf(item);
    return number === null || size === null || etag === null ? null : { number, size, etag };
  });
  return page === null ? null : pageOf(page.list, page.items, findText(page.list, 'NextPartNumberMarker'));
}

/** The id of a new upload. */
export function parseUploadId(text: string): string | null {
  const result = rootOf(text, 'InitiateMultipartUploadResult');
  const id = result === null ? null : findText(result, 'UploadId');
  return id === '' ? null : id;
}

/** The object that a completed upload made; the ETag is without quotes, and null if the store sends none. */
export function parseCompleted(text: string): { readonly etag: string | null } | null {
  const result = rootOf(text, 'CompleteMultipartUploadResult');
  return result === null ? null : { etag: etagOf(result) };
}

/** An ETag without its quotes; null if there is none. */
export function plainEtag(text: string | null): string | null {
  const plain = text?.trim().replace(/^"|"$/g, '') ?? '';
  return plain === '' ? null : plain;
}

function rootOf(text: string, name: string): XmlElement | null {
  const root = parseXml(text);
  return root?.name === name ? root : null;
}

/** The element of a list without its items, and the items; null for items if one of them is malformed. */
function readList<Item>(
  text: string,
  name: string,
  itemName: string,
  read: (item: XmlElement) => Item | null,
): { readonly list: XmlElement; readonly items: readonly Item[] | null } | null {
  const items: (Item | null)[] = [];
  const list = parseXml(text, (element) => element.name === itemName && items.push(read(element)) > 0);
  if (list?.name !== name) return null;
  return { list, items: items.every((item) => item !== null) ? items : null };
}

/** A list that says that there is more, without saying where it continues, is malformed. */
function pageOf<Item, Next>(
  list: XmlElement,
  items: readonly Item[] | null,
  next: Next | null,
): S3Page<Item, Next> | null {
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

/**
 * Decodes percent-encoded keys if the list says that they are encoded, which it may do after its items. Not every key
 * can be written in XML.
 */
function decodeKeys<Item extends { readonly key: string }>(
  list: XmlElement,
  items: readonly Item[] | null,
): readonly Item[] | null {
  if (items === null || !isKeyEncoded(list)) return items;
  return items.map((item) => ({ ...item, key: decodeKey(item.key) }));
}

function isKeyEncoded(list: XmlElement): boolean {
  return findText(list, 'EncodingType') === 'url';
}

/** Decodes a key as in a form, with `+` for a space. Invalid encoding stays as it is. */
function decodeKey(text: string): string {
  const bytes = Buffer.from(text.replaceAll('+', ' '))
    .toString('latin1')
    .replace(/%([\da-fA-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
