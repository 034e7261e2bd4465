import { isOfLine } from './line-faults.ts';
import type { ModuleLink } from './module-link.ts';

/**
 * Asks the module something that may be asked twice. When the line fails, the module is started afresh and asked once
 * more: an answer that does not come says nothing about its flash.
 *
 * @throws StationError what `ask` throws
 */
export async function overMendedLink<T>(module: ModuleLink, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isOfLine(error) || !(await module.startAfresh(error, signal))) throw error;
    return ask();
  }
}
