import { silentLogger } from '../../src/foundation/logger.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { startPublisher } from '../../src/mqtt/publisher.ts';
import type { PublisherOptions } from '../../src/mqtt/publisher.ts';
import type { Alarm } from '../../src/nest/station-event.ts';
import { opening, passed, temporaryFolder } from '../ledger/runs.ts';
import type { Listener } from './listener.ts';

const station = {
  station: 'flash-03',
  line: 'smt2',
  software: '0.1.0',
  bootId: 'b7c1',
  simulated: true,
  nests: [1, 2],
  language: 'en',
} as const;
const job = { job: 'esp12', jobHash: 'sha256:aa', operation: 'esp12:bb', product: 'esp12', release: null };

/** The alarm of a button, from its beginning. */
export const buttonStuck: Alarm = {
  slug: 'button-stuck-2',
  active: true,
  nest: 2,
  code: 'O04',
  detail: 'Held for 5 s.',
  since: 1e12,
};

/** A signal that never aborts: the time limit of the test is the limit. */
export const noLimit = new AbortController().signal;

/** A real ledger and what starts publishers on it; the first wait of their reconnects is 0.5 s. */
export async function stationBench(options: Partial<PublisherOptions> & { url: string }) {
  const folder = temporaryFolder();
  const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock: systemClock });
  let count = 0;
  const start = (clock = systemClock) =>
    startPublisher({
      ledger,
      clock,
      log: silentLogger(),
      random: () => 0,
      options: { protocol: 5, baseTopic: 'jigd/flash-03', station, job, ...options },
    });
  /** One run from its opening to its place in the outbox. */
  const record = (report = passed(), nest = 1) => {
    count += 1;
    ledger.openRun(opening(`r${count}`, { nest }));
    return ledger.closeRun(`r${count}`, report, { finishedAt: systemClock.now() });
  };
  return {
    ledger,
    start,
    record,
    [Symbol.dispose]: () => {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}

/** The `seq` of each result that was heard, in the order of arrival. */
export function seqs(listener: Listener): unknown[] {
  return listener.on('jigd/flash-03/run/result').map(({ seq }) => seq);
}

export function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
