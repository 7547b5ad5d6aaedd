// What is needed to show images.
export { type Image, imageKeys, type Member, memberKeys, storeKeys } from '../image/image.ts';
export { maskImage } from '../image/mask.ts';
export { OddRecordError, oddRecordsError, type OnOdd } from '../image/odd-record.ts';
