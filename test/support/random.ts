// Pseudo-random numbers that are the same each time.

/** Lehmer's generator: numbers in [0, 1), the same for each seed from 1 on. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
