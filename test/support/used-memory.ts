import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Bytes of the JavaScript heap and of buffers after a full collection. The least of several readings: the memory of
 * buffers is given back by another thread, some time after a collection.
 */
export async function usedBytes(): Promise<number> {
  let least = Infinity;
  for (let reading = 0; reading < 8; reading += 1) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    least = Math.min(least, heapUsed + arrayBuffers);
  }
  return least;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
