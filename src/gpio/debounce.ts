import type { Clock } from '../foundation/clock.ts';
import type { InputLine } from './line.ts';

/**
 * Watches a contact that bounces. The first edge opens a window; at its end the level counts, and is told only when
 * it differs from the one told before. A contact that chatters for ever therefore neither blocks nor floods.
 *
 * @param windowMs 10 … 50; how long a contact may bounce
 * @param onChange is told the new level, true when active
 * @param onFault is told when the line cannot be read any more
 * @throws StationError S03 when the line cannot be read now
 */
export function watchDebounced(
  line: InputLine,
  clock: Clock,
  windowMs: number,
  onChange: (active: boolean) => void,
  onFault: (error: unknown) => void,
): Disposable {
  let stable = line.read();
  let cancel: (() => void) | null = null;
  const settle = (): void => {
    cancel = null;
    try {
      const level = line.read();
      if (level === stable) return;
      stable = level;
    } catch (error) {
      onFault(error);
      return;
    }
    onChange(stable);
  };
  const watch = line.watch(() => {
    cancel ??= clock.after(windowMs, settle);
  });
  return {
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]();
      cancel?.();
      cancel = null;
    },
  };
}
