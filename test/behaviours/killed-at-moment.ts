// A station in virtual time that presses once and is killed at a moment of that run: node killed-at-moment.ts FOLDER MOMENT
import { behaviourJob } from '../support/behaviour-job.ts';
import { behaviourStation } from '../support/behaviour-station.ts';
import { atMoment, run } from '../support/station-steps.ts';
import type { Moment } from '../support/station-steps.ts';

const [, , folder = '', moment = ''] = process.argv;
const at = await behaviourStation({
  folder,
  setup: () => ({ loadJob: () => Promise.resolve({ ...behaviourJob, erase: 'all' }) }),
});
atMoment(at, moment as Moment, () => process.kill(process.pid, 'SIGKILL'));
await run(at);
