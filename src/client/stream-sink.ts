// How bytes are written to a stream without losing any unsaid, for what is printed too.
export { StreamSink } from '../transfer/stream-sink.ts';
