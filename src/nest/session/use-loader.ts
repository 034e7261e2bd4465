import type { Loader } from '../../bootloader/loader.ts';
import type { ModuleIdentity } from '../run/outcome.ts';
import { RunNotes } from '../run/run-notes.ts';
import { abortFault, useModule } from './use-module.ts';
import type { ModuleTarget, SessionParts } from './use-module.ts';

/** Told how far the work on a module is. */
export interface WorkHooks {
  /** A phase begins. */
  phase(name: string): void;
  /** Share of the phase that is done, 0 … 1. */
  progress(share: number): void;
  identified(identity: ModuleIdentity): void;
}

/** A module whose RAM loader runs at the working rate. */
export interface LoadedModule {
  readonly loader: Loader;
  readonly identity: ModuleIdentity;
  /** Clears the write protection of the flash, for good. @throws StationError F04 */
  unlock(): Promise<void>;
}

/**
 * Brings a module to its RAM loader, does the work and leaves the module in order, whatever the work did.
 * @throws StationError for a fault of the module or the station, and whatever the work throws
 */
export async function useLoader<T>(
  parts: SessionParts,
  target: ModuleTarget,
  hooks: WorkHooks,
  signal: AbortSignal,
  work: (module: LoadedModule) => Promise<T>,
): Promise<T> {
  const notes = new RunNotes(parts.clock, () => undefined);
  const results: T[] = [];
  try {
    hooks.phase('connect');
    await useModule(parts, target, notes, signal, async (module) => {
      await module.connect(signal);
      hooks.phase('identify');
      const identity = await module.identify(signal);
      hooks.identified(identity);
      hooks.phase('loader');
      await module.startLoader(signal);
      const unlock = (): Promise<void> => module.unlock(signal);
      results.push(await work({ loader: module.loader, identity, unlock }));
      return 'running';
    });
  } catch (error) {
    throw signal.aborted ? abortFault(signal) : error;
  }
  // Whatever came this far has a result.
  return results[0] as T;
}
