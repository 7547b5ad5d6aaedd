// A limit on the download speed that all downloads of a run share.
export { RateLimit } from '../../transfer/flow/rate-limit.ts';
