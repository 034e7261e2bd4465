import { Buffer } from 'node:buffer';

/** What the generated ledger holds. A run ends every 8 s, which makes 93 days of one busy station. */
export const content = {
  runs: 1_000_000,
  lots: 500,
  nests: 4,
  everyMs: 8_000,
  lastAtMs: Date.UTC(2026, 10, 23, 13, 59),
};

const failures = [
  { code: 'C01', phase: 'connect', weight: 6 },
  { code: 'C02', phase: 'connect', weight: 2 },
  { code: 'F01', phase: 'identify', weight: 1 },
  { code: 'W03', phase: 'write', weight: 1 },
  { code: 'V01', phase: 'verify', weight: 2 },
  { code: 'B01', phase: 'boot', weight: 3 },
];
const wheel = failures.flatMap((failure) => Array(failure.weight).fill(failure));
const phases = ['connect', 'identify', 'loader', 'erase', 'write', 'verify', 'boot'];

/** The same numbers every time (mulberry32). @param {number} seed @returns {() => number} 0 … 1 */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** @param {number} module @returns {string} */
export function macOf(module) {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(0x5ccf7f000000 + module, 0, 6);
  return bytes.toString('hex').replaceAll(/(..)(?=.)/g, '$1:');
}

/** @param {number} run 0 is the first */
export function lotOf(run) {
  return `L${String(Math.floor((run * content.lots) / content.runs)).padStart(4, '0')}`;
}

/**
 * The runs one after the other: 94 % pass at once, failed modules are tried once more, a third of the failures has no MAC.
 * @yields {{ opening: import('../dist/nest/run/run-result.js').RunOpening, report: import('../dist/nest/run/outcome.js').RunReport, finishedAt: number }}
 */
export function* generatedRuns() {
  const random = randomNumbers(5);
  /** @type {number[]} the module that waits for its second try on each nest, -1: none */
  const again = Array(content.nests).fill(-1);
  let next = 0;
  for (let run = 0; run < content.runs; run += 1) {
    const nest = run % content.nests;
    const isRetry = (again[nest] ?? -1) >= 0;
    const module = isRetry ? (again[nest] ?? 0) : next++;
    const failure = random() < (isRetry ? 0.3 : 0.06) ? wheel[Math.floor(random() * wheel.length)] : null;
    again[nest] = failure !== null && !isRetry ? module : -1;
    const finishedAt = content.lastAtMs - (content.runs - 1 - run) * content.everyMs;
    yield { opening: opening(run, nest + 1, finishedAt), report: report(module, failure, random), finishedAt };
  }
}

/** @param {number} run @param {number} nest @param {number} finishedAt */
function opening(run, nest, finishedAt) {
  const at = { startedAt: finishedAt - 18_000, bootId: 'b7c1', monoMs: run * content.everyMs, clockSynced: true };
  const station = { station: 'bench', line: 'smt2', nest, fixtureId: null, software: '0.1.0', simulated: true };
  const work = {
    job: 'esp12-nodemcu',
    jobHash: `sha256:${'a'.repeat(64)}`,
    operation: `esp12-a:sha256:${'b'.repeat(64)}`,
  };
  const order = { release: '2.3.1', product: 'esp12-a', workOrder: null, lot: lotOf(run), exchanged: null };
  const runId = `00000000-0000-4000-8000-${String(run).padStart(12, '0')}`;
  return { runId, mode: /** @type {const} */ ('production'), ...at, ...station, ...work, ...order };
}

/** @param {number} module @param {typeof failures[number] | null} failure @param {() => number} random */
function report(module, failure, random) {
  const last = failure === null ? phases.length - 1 : phases.indexOf(failure.phase);
  const silent = failure?.phase === 'connect';
  const identity = silent ? {} : { mac: macOf(module), chip: 'ESP8266EX', flashId: 'ef4016', flashBytes: 4_194_304 };
  const phaseMs = Object.fromEntries(
    phases.slice(0, last + 1).map((phase) => [phase, Math.round(100 + random() * 900)]),
  );
  const digests = silent ? [] : [{ address: 0, md5: 'ab'.repeat(16) }];
  return /** @type {import('../dist/nest/run/outcome.js').RunReport} */ ({
    ...{
      outcome: failure === null ? 'PASS' : 'FAIL',
      code: failure?.code ?? null,
      phase: phases[last],
      evidence: null,
    },
    ...{ detail: failure === null ? null : 'Made for the bench.', identity, phaseMs, totalMs: 18_000, baud: 921_600 },
    ...{
      bytes: 1_048_576,
      bytesSkipped: 0,
      bytesSent: 700_000,
      retries: 0,
      marginal: random() < 0.02,
      dirty: last > 3,
    },
    ...{ digestsExpected: digests, digestsActual: digests, bootMode: '3,7', bootVersion: '2.3.1' },
  });
}
