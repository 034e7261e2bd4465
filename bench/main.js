import { parseArgs } from 'node:util';
import { loaderOptions, loaderUsage, planLoader } from './loader-plan.js';
import { machine, saveResult } from './report.js';

const usage = `npm run bench -- [loader] [start] [station] [ledger] [option]…
${loaderUsage}`;

/** @param {string} problem @returns {never} */
function refuse(problem) {
  console.log(`${problem}\n${usage}`);
  process.exit(2);
}

function readCommand() {
  try {
    const help = /** @type {const} */ ({ type: 'boolean', default: false });
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { ...loaderOptions, help } });
    return { values, positionals, plan: planLoader(values) };
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const { values, positionals, plan } = readCommand();
const benches = {
  loader: async () => (await import('./loader.js')).benchLoader(plan),
  start: async () => (await import('./start.js')).benchStart(),
  station: async () => (await import('./station.js')).benchStation(),
  ledger: async () => (await import('./ledger.js')).benchLedger(),
};

const known = /** @type {(keyof typeof benches)[]} */ (Object.keys(benches));
const unknown = positionals.filter((name) => !known.some((bench) => bench === name));
if (unknown.length > 0) refuse(`There is no bench ${unknown.join(', ')}.`);
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const host = machine();
console.log(`${host.cpu}, ${host.cores} cores, Node ${host.node}, load ${host.load.toFixed(2)}`);
/** @type {Record<string, unknown>} */
const results = {};
for (const name of known) {
  if (positionals.length === 0 || positionals.includes(name)) results[name] = await benches[name]();
}
console.log(`\nWritten to ${saveResult({ machine: host, ...results })}`);
