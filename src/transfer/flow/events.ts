// What happens while image data moves, as values. Progress bars, plain lines, JSON lines and silence are consumers.

/** One thing that happened in a transfer. Byte counts are of image data; `total` is null where it is not known. */
export type TransferEvent =
  | {
      readonly event: 'start';
      readonly name: string;
      readonly total: number | null;
      /** Bytes that an earlier run left; they are checked before more are fetched. */
      readonly kept: number;
    }
  /** Bytes of an earlier run that were read again so far. */
  | { readonly event: 'check'; readonly bytes: number; readonly total: number }
  /** Bytes that are there and came once more, from a store that sends images whole only; they are compared. */
  | { readonly event: 'compare'; readonly bytes: number; readonly total: number }
  | { readonly event: 'progress'; readonly bytes: number; readonly total: number | null }
  | {
      readonly event: 'retry';
      /** The attempt that comes next, ≥ 2. */
      readonly attempt: number;
      /** Milliseconds. */
      readonly delay_ms: number;
      /** Error code and message of the attempt that failed. */
      readonly code: string;
      readonly message: string;
      /** Bytes there are: the next attempt goes on from them. */
      readonly bytes: number;
    }
  /** What came so far is thrown away, for a reason that is no network trouble. */
  | { readonly event: 'restart'; readonly code: string; readonly message: string }
  | { readonly event: 'verify'; readonly algorithms: readonly string[] }
  /** The data is made durable and gets its name. */
  | { readonly event: 'sync' }
  | { readonly event: 'done'; readonly bytes: number; readonly seconds: number }
  | {
      readonly event: 'failed';
      readonly bytes: number;
      /** The part file that the next run goes on from; null if nothing was kept. */
      readonly kept: { readonly path: string; readonly bytes: number } | null;
    };

/** Takes each event as it happens, in order. Must not throw. */
export type TransferListener = (event: TransferEvent) => void;
