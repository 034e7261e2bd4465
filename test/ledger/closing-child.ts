// Closes runs one behind the other and names each on stdout once it is committed, until the process is killed.
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { identity, opening, passed } from './runs.ts';

const ledger = await Ledger.open(process.argv[2] ?? '', { clock: systemClock });
for (const result of ledger.closeInterrupted()) writeSync(1, `${result.run_id}\n`);
for (let index = ledger.lastSeq(); ; index += 1) {
  const runId = `run-${index}`;
  ledger.openRun(opening(runId));
  ledger.markWriting(runId, identity);
  writeSync(1, `${ledger.closeRun(runId, passed(), { finishedAt: systemClock.now() }).run_id}\n`);
}
