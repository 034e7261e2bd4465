import { parseArgs } from 'node:util';
import { benchLoader } from './loader.js';
import { machine, saveResult } from './report.js';

const usage = `npm run bench -- [loader] [station] [--baud RATE]… [--repeats N]
  --baud     rate of the loader bench, may be given several times; default 921600
  --repeats  runs of each loader; default 1`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    baud: { type: 'string', multiple: true, default: ['921600'] },
    repeats: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

const benches = {
  loader: () => benchLoader({ bauds: values.baud.map(Number), repeats: Number(values.repeats) }),
  station: async () => (await import('./station.js')).benchStation(),
};

const known = /** @type {(keyof typeof benches)[]} */ (Object.keys(benches));
const unknown = positionals.filter((name) => !known.some((bench) => bench === name));
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `There is no bench ${unknown.join(', ')}.\n${usage}` : usage);
  process.exit(values.help ? 0 : 2);
}
const host = machine();
console.log(`${host.cpu}, ${host.cores} cores, Node ${host.node}, load ${host.load.toFixed(2)}`);
/** @type {Record<string, unknown>} */
const results = {};
for (const name of known) {
  if (positionals.length === 0 || positionals.includes(name)) results[name] = await benches[name]();
}
console.log(`\nWritten to ${saveResult({ machine: host, ...results })}`);
