// Explains failures over a connection with everything known about their cause, and remembers what a failure proves.
import type { Connection } from './connection.ts';

/** Returns what the work returns. @throws what it throws, explained */
export async function explaining<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await explain(connection, error);
  }
}

/** Yields the items. @throws the error that ends them, explained */
export async function* explainingEach<T>(
  connection: Connection,
  items: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    throw await explain(connection, error);
  }
}

async function explain(connection: Connection, error: unknown): Promise<unknown> {
  await connection.noteFailure(error);
  return await connection.explain(error);
}
