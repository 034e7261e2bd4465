import { clientOptions, tellBench } from './client.js';
import { flashCommand } from '../dist/cli/flash.js';

// The command `jigd flash`, its lines at the bench instead of the header of a Raspberry Pi.
const { port, baud, job } = clientOptions();
const bcm = { rst: 17, gpio0: 27 };

const lines = {
  description: 'lines of the bench',
  openOutput: async (/** @type {{ bcm: number }} */ spec) => ({
    set: (/** @type {boolean} */ active) => tellBench({ line: spec.bcm === bcm.rst ? 'rst' : 'gpio0', active }),
    [Symbol.dispose]: () => undefined,
  }),
  openInput: () => Promise.reject(new Error('The command reads no line.')),
  [Symbol.asyncDispose]: async () => undefined,
};

const output = {
  errColumns: null,
  out: (/** @type {string} */ text) => {
    const { outcome, code, ms_total: totalMs, baud: reached, retries, ...row } = JSON.parse(text);
    if (outcome !== 'PASS') throw new Error(`jigd reports ${outcome} ${code}.`);
    const phases = ['connect', 'identify', 'loader', 'write', 'verify'];
    const phaseMs = Object.fromEntries(phases.map((phase) => [phase, row[`ms_${phase}`] ?? 0]));
    tellBench({ result: { totalMs, phaseMs, baud: reached, retries } });
  },
  err: (/** @type {string} */ text) => process.stderr.write(text),
};

const target = ['--port', port, '--reset', 'gpio', '--rst', String(bcm.rst), '--gpio0', String(bcm.gpio0)];
await flashCommand(output, async () => lines).parseAsync(['--job', job, '--baud', String(baud), '--json', ...target], {
  from: 'user',
});
process.disconnect?.();
