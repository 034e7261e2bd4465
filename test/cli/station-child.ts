// `jigd run` on simulated lines in a process of its own: node station-child.ts FOLDER [WHAT [KEY]]. It prints each change of
// a line. KEY goes into the station file. WHAT happens when RST goes low in the first run: throw, reject, kill, or the name of a signal.
import { writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../src/cli/run.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';

const [, , folder = '', what = '', key = ''] = process.argv;
// Here, not by whoever starts it: the compiler keeps its work in the folder for temporary files, too.
process.env['TMPDIR'] = folder;
const bench = await SimulatedBench.open({ nests: 1, speed: 'real', clock: systemClock });
const nest = bench.nest(1);
const roles = ['gpio0', 'rst', 'button', 'pass', 'fail', 'busy', 'ready'] as const;

const happenings: Readonly<Record<string, () => void>> = {
  throw: () => {
    throw new Error('thrown in a callback');
  },
  reject: () => void Promise.reject(new Error('nobody waits for this')),
};
for (const role of roles) {
  const wire = nest.wire(role);
  wire.onChange((level) => {
    writeSync(1, `${role} ${level}\n`);
  });
}
let happened = false;
nest.wire('rst').onChange((level) => {
  if (level === 'high' || happened) return;
  happened = true;
  if (what.startsWith('SIG')) process.kill(process.pid, what);
  else setImmediate(() => happenings[what]?.());
});
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  if (text.startsWith('release')) nest.release();
  else nest.press();
});
process.stdin.unref();

const config = join(folder, 'station.yaml');
const lines = Object.entries(nest.lines).flatMap(([role, line]) => (line === null ? [] : [`${role}: ${line.bcm}`]));
writeFileSync(
  config,
  `station: { id: child }
nests:
  - id: 1
    serial: { path: ${nest.portPath} }
    lines: { ${lines.join(', ')} }
ledger: { path: ledger.sqlite }
jobs: jobs
job: bench-job
${key}
control: { socket: control.sock }
`,
);
const openLines = () => Promise.resolve({ driver: 'onoff', why: 'the test', lines: bench.lines } as const);
await runCommand(undefined, openLines).parseAsync(['--config', config], { from: 'user' });
// What comes after is not the command's doing.
writeSync(1, 'ended\n');
await bench[Symbol.asyncDispose]();
