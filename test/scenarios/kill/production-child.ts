// A whole station of eight nests in continuous production, until it is killed: node production-child.js FOLDER LIFE LEFT
// LIFE numbers the lives of this ledger, for addresses that never come twice. LEFT: the lines that the life before left
// driven, as "1.rst 2.pass". SIGTERM stops it in order. It says on stdout, synchronously, what happens:
//   line NEST NAME on|off     state NEST STATE CODE|-     press NEST     run NEST RUN     ready
import { writeSync } from 'node:fs';
import { startStation } from '../../../src/daemon.ts';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { systemClock } from '../../../src/foundation/system-clock.ts';
import { nodeSerialLinks } from '../../../src/serial/node-serial-link.ts';
import { isPortThere } from '../../../src/serial/port-presence.ts';
import { SimulatedBench } from '../../../src/simulator/bench/bench.ts';
import { SimulatedChip } from '../../../src/simulator/chip/chip.ts';
import { efusesForMac } from '../../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';

const [, , folder = '', life = '0', left = ''] = process.argv;
const outputs = ['gpio0', 'rst', 'pass', 'fail', 'busy', 'ready', 'buzzer'] as const;
const handMs = 30;
const job = benchJob({ regions: [[0, bootableImage(8_000)]] });
const bench = await SimulatedBench.open({ nests: 8, speed: 'fast', clock: systemClock });
let modules = 0;

const say = (text: string): void => void writeSync(1, `${text}\n`);

function insert(nest: number): void {
  const [high, low] = [Number(life) >> 8, Number(life) & 255];
  const mac = [0x5c, 0xcf, 0x7f, high, low, (modules += 1)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  const chip = new SimulatedChip({ clock: systemClock, speed: 'fast', flash: w25q32, efuses: efusesForMac(mac) });
  bench.nest(nest).remove();
  bench.nest(nest).insert(chip);
}

function press(nest: number): void {
  say(`press ${nest}`);
  bench.nest(nest).press();
  systemClock.after(handMs, () => bench.nest(nest).release());
}

for (const nest of bench.nests) {
  for (const name of outputs) {
    const wire = nest.wire(name);
    const active = nest.lines[name].active;
    if (left.split(' ').includes(`${nest.number}.${name}`)) wire.drive(active);
    wire.onChange((level) => say(`line ${nest.number} ${name} ${level === active ? 'on' : 'off'}`));
  }
  insert(nest.number);
}
const station = await startStation(
  {
    station: { id: 'killed', line: null },
    simulated: true,
    software: '0.0.0',
    nests: bench.nests.map(({ number, portPath, lines }) => ({
      id: number,
      port: portPath,
      baud: 921_600,
      lines,
      stuckAfterMs: 5_000,
    })),
    faultLamp: null,
    estop: null,
    ledgerPath: `${folder}/ledger.sqlite`,
    mqtt: null,
    loadJob: () => Promise.resolve(job),
    approved: null,
  },
  { lines: bench.lines, openLink: nodeSerialLinks(systemClock), isPortThere, clock: systemClock, log: silentLogger() },
);
for (const nest of station.nests) {
  const { state } = nest;
  say(`state ${nest.number} ${state.name} ${'fault' in state ? (state.fault?.code ?? '-') : '-'}`);
}
station.events.subscribe((event) => {
  if (event.kind === 'runStarted') say(`run ${event.opening.nest ?? 0} ${event.opening.runId}`);
  if (event.kind === 'nestState') say(`state ${event.state.nest} ${event.state.phase ?? event.state.state} -`);
  if (event.kind !== 'runResult' && !(event.kind === 'notice' && event.notice.kind === 'blocked-start')) return;
  const nest = event.kind === 'runResult' ? event.result.nest : event.notice.nest;
  if (nest === null) return;
  systemClock.after(2 * handMs, () => {
    insert(nest);
    press(nest);
  });
});
process.once('SIGTERM', () => void station.stop().then(() => process.exit(0)));
say('ready');
// Long enough for a start that nobody pressed for to show.
systemClock.after(4 * handMs, () => {
  for (const { number } of bench.nests) press(number);
});
