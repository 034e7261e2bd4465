/**
 * Carries out every step in its turn, also after one that failed: for letting go, where one thing that does not let go
 * must not keep the others.
 * @throws the first failure, after the last step
 */
export async function doAll(steps: Iterable<() => unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** The same for what is let go of at once; null: it is not there. @throws the first failure, after the last one */
export function disposeAll(parts: Iterable<Disposable | null>): void {
  const failures: unknown[] = [];
  for (const part of parts) {
    try {
      part?.[Symbol.dispose]();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
