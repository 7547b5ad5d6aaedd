// What happens while image data moves, as values. Progress bars, plain lines, JSON lines and silence are consumers.

/** One thing that happened in a transfer. Byte counts are of image data; `total` is null where it is not known. */
export type TransferEvent =
  | { readonly type: 'start'; readonly name: string; readonly total: number | null }
  | { readonly type: 'progress'; readonly bytes: number; readonly total: number | null }
  | {
      readonly type: 'retry';
      /** The attempt that comes next, ≥ 2. */
      readonly attempt: number;
      readonly delayMs: number;
      /** Error code and message of the attempt that failed. */
      readonly code: string;
      readonly message: string;
      /** Bytes that are thrown away: the next attempt starts at the beginning. */
      readonly bytes: number;
    }
  | { readonly type: 'verify'; readonly algorithms: readonly string[] }
  | { readonly type: 'done'; readonly bytes: number; readonly seconds: number }
  | { readonly type: 'failed'; readonly bytes: number };

/** Takes each event as it happens, in order. Must not throw. */
export type TransferListener = (event: TransferEvent) => void;
