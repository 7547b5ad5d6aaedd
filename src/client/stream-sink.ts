// Writes to a stream without losing any bytes silently; also used for printing.
export { StreamSink } from '../transfer/stream-sink.ts';
