import { clientOptions, tellBench } from './client.js';
import { jigdResult } from './jigd-result.js';
import { flashCommand } from '../dist/cli/flash.js';

// The command `jigd flash`, its lines at the bench instead of the header of a Raspberry Pi.
tellBench({ mark: 'the command, its modules loaded' });
const { port, baud, job } = clientOptions();
const bcm = { rst: 17, gpio0: 27 };

const lines = {
  description: 'lines of the bench',
  openOutput: async (/** @type {{ bcm: number }} */ spec) => {
    tellBench({ mark: `line ${spec.bcm === bcm.rst ? 'RST' : 'GPIO0'} opened, the job loaded` });
    return {
      set: (/** @type {boolean} */ active) => tellBench({ line: spec.bcm === bcm.rst ? 'rst' : 'gpio0', active }),
      [Symbol.dispose]: () => undefined,
    };
  },
  openInput: () => Promise.reject(new Error('The command reads no line.')),
  [Symbol.asyncDispose]: async () => undefined,
};

const output = {
  errColumns: null,
  out: (/** @type {string} */ text) => {
    tellBench({ mark: 'the record printed' });
    tellBench({ result: jigdResult(text) });
  },
  err: (/** @type {string} */ text) => process.stderr.write(text),
};

const target = ['--port', port, '--reset', 'gpio', '--rst', String(bcm.rst), '--gpio0', String(bcm.gpio0)];
const args = ['--job', job, '--baud', String(baud), '--json', ...target];
try {
  await flashCommand(output, async () => lines).parseAsync(args, { from: 'user' });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
process.disconnect?.();
