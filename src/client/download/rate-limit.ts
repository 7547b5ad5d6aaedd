// How fast data may come, shared by all downloads of a run.
export { RateLimit } from '../../transfer/flow/rate-limit.ts';
