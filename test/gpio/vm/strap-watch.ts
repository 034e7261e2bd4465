import { writeSync } from 'node:fs';
import { KernelHeader } from './kernel-header.ts';

/**
 * A process that does nothing but watch lines, by BCM number: it writes one line for each change, as "5 low". A module
 * samples GPIO0 at the very end of its reset; the bench, whose modules compute, would look too late.
 */
const header = await KernelHeader.open();
for (const bcm of process.argv.slice(2).map(Number)) {
  header.watch(bcm, (level) => writeSync(1, `${bcm} ${level}\n`));
}
writeSync(1, 'watching\n');
