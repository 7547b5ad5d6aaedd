// A small cache of what was read lately.

/** Keeps a value, and only the newest `most` values overall. @param most ≥ 0 */
export function remember<T>(kept: Map<number, T>, key: number, value: T, most: number): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
}
