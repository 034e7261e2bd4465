import { test } from 'vitest';
import type { TestOptions } from 'vitest';
import type { BehaviourBullet } from './behaviour-bullets.ts';

/**
 * A test of a behaviour of production reference §11. `docs/behaviours.md` is made from the calls: bullet and sentence
 * have to be plain strings.
 * @param bullet the words of the reference
 * @param says what must be true
 */
export function behaviour(
  bullet: BehaviourBullet,
  says: string,
  body: () => Promise<void> | void,
  options: TestOptions = {},
): void {
  test(`${bullet}: ${says}`, options, body);
}
