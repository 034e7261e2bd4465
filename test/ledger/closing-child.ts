// Closes runs one behind the other and names each on stdout once it is committed, until the process is killed.
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { failed, identity, opening, passed, silent } from './runs.ts';

const ledger = await Ledger.open(process.argv[2] ?? '', { clock: systemClock });
if (ledger.notice !== null) throw new Error(ledger.notice.detail);
for (const result of ledger.closeInterrupted()) writeSync(1, `${result.run_id}\n`);
for (let index = ledger.lastSeq(); ; index += 1) {
  const runId = `run-${index}`;
  const known = { ...identity, mac: `5c:cf:7f:00:00:${(index % 90).toString().padStart(2, '0')}` };
  // Some modules stay silent and are adopted by the next run, some fail at first.
  const report =
    index % 5 === 0 ? silent() : index % 3 === 0 ? failed({ identity: known }) : passed({ identity: known });
  ledger.openRun(opening(runId, { lot: 'L1', monoMs: index * 30_000 }));
  ledger.markWriting(runId, known);
  writeSync(1, `${ledger.closeRun(runId, report, { finishedAt: systemClock.now() }).run_id}\n`);
}
