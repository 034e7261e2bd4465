import { createRequire } from 'node:module';
import type { SerialPort } from 'serialport';
import { StationError } from '../foundation/faults.ts';

/** The operating-system layer of `serialport`: used without its stream, which hides the end of a port. */
export type PortDriver = Pick<typeof SerialPort.binding, 'open'>;

/** Loads the native module. @throws StationError S04 */
export async function loadPortDriver(): Promise<PortDriver> {
  try {
    // The package's entry loads streams and parsers too, which nothing here uses: that takes twice as long.
    const requireThere = createRequire(createRequire(import.meta.url).resolve('serialport'));
    const { autoDetect } = requireThere('@serialport/bindings-cpp') as { readonly autoDetect: () => PortDriver };
    return await Promise.resolve(autoDetect());
  } catch (error) {
    throw new StationError('S04', 'The serial driver cannot be loaded: run npm rebuild.', { cause: error });
  }
}
