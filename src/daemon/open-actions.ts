import { lastsUntilSeen } from '../foundation/alarm-slugs.ts';
import type { AlarmSlug } from '../foundation/alarm-slugs.ts';
import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import { hostBootId } from '../foundation/host.ts';
import type { Logger } from '../foundation/logger.ts';
import { macIn } from '../foundation/mac-address.ts';
import { Refusal } from '../foundation/refusal.ts';
import { unreachable } from '../foundation/unreachable.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { setNextMode } from '../ledger/runs/samples.ts';
import type { JobHolder } from '../nest/job/job-holder.ts';
import { nestStateOf } from '../nest/nest-state.ts';
import type { Nest } from '../nest/nest.ts';
import type { DuplicateMacs } from '../nest/identity/duplicate-macs.ts';
import { acceptPart, releaseModule } from '../nest/identity/standing-modules.ts';
import type { NestLocks } from '../nest/nest-locks.ts';
import type { Place, StationAction, StationActions } from '../nest/station-actions.ts';
import type { Notice, StationEvent } from '../nest/station-event.ts';

type Locks = Pick<NestLocks, 'lock' | 'all' | 'unlock'>;

export interface ActionParts {
  readonly nests: readonly Nest[];
  readonly jobs: JobHolder;
  readonly ledger: Pick<Ledger, 'standing' | 'audit'>;
  readonly locks: Locks;
  readonly duplicates: Pick<DuplicateMacs, 'released'>;
  /** False when the alarm is not active. */
  readonly acknowledge: (alarm: AlarmSlug, who: string) => boolean;
  readonly tell: (event: StationEvent) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a person tells the station, from wherever it comes. */
export function openActions(parts: ActionParts): StationActions {
  return {
    async perform(action, who) {
      const done = await doneBy(action, who, parts);
      parts.log.info({ event: 'action', verb: action.verb, who }, done);
      tellNotice(parts, { kind: 'action', nest: nestOf(action), detail: done, who });
      return done;
    },
  };
}

/** @returns what was done @throws Refusal, StationError; nothing has changed then */
function doneBy(action: StationAction, who: string, parts: ActionParts): string | Promise<string> {
  const { ledger, locks, nests } = parts;
  switch (action.verb) {
    case 'lock':
      mustExist(action.place, nests);
      return lock(action, who, locks);
    case 'unlock':
      mustExist(action.place, nests);
      if (!locks.unlock(action.place, who)) throw notLocked(action.place, locks);
      return `${placeText(action.place)} is unlocked.`;
    case 'release':
      return release(action.mac, who, parts);
    case 'accept-part':
      return acceptNamedPart(action.flashId, who, parts);
    case 'approve':
      return approve(action, who, parts);
    case 'select-job':
      return selectJob(action.job, who, parts);
    case 'next-run':
      mustExist(action.nest, nests);
      setNextMode(ledger.standing, action, runOn(action.nest, nests), who);
      return nextRunText(action);
    case 'acknowledge':
      if (!parts.acknowledge(action.alarm, who)) throw notAcknowledged(action.alarm);
      note(parts, `alarm ${action.alarm}`, 'acknowledged', who);
      return `The alarm ${action.alarm} is acknowledged.`;
    default:
      return unreachable(action);
  }
}

function lock({ place, reason }: Extract<StationAction, { verb: 'lock' }>, who: string, locks: Locks): string {
  const held = locks.lock(place, new StationError('S07', reason), who);
  if (held.who === who) return `${placeText(place)} is locked: ${reason}`;
  return `${placeText(place)} is locked already and stays so until \`jigd unlock\`, ${held.code}: ${held.detail}`;
}

function release(text: string, who: string, { ledger, duplicates }: ActionParts): string {
  const mac = macIn(text);
  if (mac === null) throw new Refusal(`"${text}" is no MAC: expected 12 digits, such as 5c:cf:7f:00:00:01.`);
  const wasOnDisk = releaseModule(ledger.standing, mac, who);
  const wasHeld = duplicates.released(mac) || wasOnDisk;
  return `The module ${mac} ${wasHeld ? 'is held no longer and ' : ''}may be tried again.`;
}

function acceptNamedPart(text: string, who: string, { jobs, ledger }: ActionParts): string {
  const part = /^(?:0x)?([0-9a-f]{6})$/.exec(text.toLowerCase())?.[1];
  if (part === undefined) throw new Refusal(`"${text}" is no flash id: expected 6 digits, such as ef4016.`);
  const { job } = jobs;
  if (job === null) throw new Refusal('No job is loaded, so it is not known for which product.');
  acceptPart(ledger.standing, job.product, part, who);
  const locked = ledger.standing.of('lock').some(({ value }) => value === 'F02');
  const rest = locked ? ' What was locked for it stays locked until `jigd unlock`.' : '';
  return `The flash part ${part} is accepted for ${job.product}.${rest}`;
}

async function approve(
  { job, hash }: Extract<StationAction, { verb: 'approve' }>,
  who: string,
  parts: ActionParts,
): Promise<string> {
  const digits = /^(?:sha256:)?([0-9a-f]{64})$/.exec(hash.toLowerCase())?.[1];
  if (digits === undefined) throw new Refusal(`"${hash}" is no hash as \`jigd job hash\` prints it.`);
  const { jobs, nests } = parts;
  const before = jobs.job;
  const done = await jobs.approve(job, `sha256:${digits}`, who, () => mustBeIdle(nests));
  if (jobs.job !== null && jobs.job !== before) tellJobChanged(parts, who);
  return done;
}

async function selectJob(name: string, who: string, parts: ActionParts): Promise<string> {
  // A name is a file in the folder of the jobs, never a path out of it.
  if (!/^[a-z0-9_-]{1,64}$/.test(name)) throw new Refusal(`"${name}" is no name of a job: a-z, 0-9, - and _.`);
  const { jobs, nests, ledger } = parts;
  const { release: version } = await jobs.select(
    name,
    () => mustBeIdle(nests),
    () => ledger.standing.set({ kind: 'job', key: 'station', value: name, detail: null, who }),
  );
  tellJobChanged(parts, who);
  return `The job is ${name}${version === null ? '' : `, release ${version}`}, from now on and after a restart.`;
}

/** @throws Refusal while a run is under way: jobs change only at idle */
function mustBeIdle(nests: readonly Nest[]): void {
  const busy = nests.filter(({ number, state }) => nestStateOf(number, state).state === 'running');
  if (busy.length === 0) return;
  const numbers = busy.map(({ number }) => number).join(', ');
  throw new Refusal(
    `A run is under way on nest ${numbers}: the job changes only while every nest is idle.`,
    'Say it again when the runs have ended.',
  );
}

/** @throws Refusal for a nest that the station does not have */
function mustExist(place: Place, nests: readonly Nest[]): void {
  if (place === 'station' || nests.some(({ number }) => number === place)) return;
  throw new Refusal(`There is no nest ${place}; this station has ${nests.map(({ number }) => number).join(', ')}.`);
}

function notAcknowledged(alarm: AlarmSlug): Refusal {
  if (lastsUntilSeen(alarm)) return new Refusal(`The alarm ${alarm} is not active.`);
  const how = new Map([
    ['nest-locked', 'with `jigd unlock`'],
    ['station-locked', 'with `jigd unlock`'],
    ['duplicate-mac', 'with `jigd release`'],
    ['estop', 'with a press of any button, after the switch was released'],
  ]).get(alarm.replace(/-\d+$/, ''));
  return new Refusal(`The alarm ${alarm} waits for nobody to see it: it ends ${how ?? 'with its cause'}.`);
}

function notLocked(place: Place, locks: Locks): Refusal {
  const others = locks.all().map((other) => (other.place === 'station' ? 'the station' : `nest ${other.place}`));
  const rest = others.length === 0 ? 'nothing is' : `${others.join(', ')} ${others.length === 1 ? 'is' : 'are'}`;
  return new Refusal(`${placeText(place)} is not locked; ${rest}.`);
}

function nextRunText({ nest, mode }: Extract<StationAction, { verb: 'next-run' }>): string {
  if (mode === 'production') return `The next run of nest ${nest} is one of production.`;
  return `The next run of nest ${nest} is one with a ${mode} sample, until that was judged; it counts in no yield.`;
}

function placeText(place: Place): string {
  return place === 'station' ? 'The station' : `Nest ${place}`;
}

function nestOf(action: StationAction): number | null {
  if ('nest' in action) return action.nest;
  return 'place' in action && action.place !== 'station' ? action.place : null;
}

/** The run under way on a nest, once it is known in which mode; null: none. */
function runOn(nest: number, nests: readonly Nest[]): string | null {
  const state = nests.find(({ number }) => number === nest)?.state;
  return state?.name === 'running' || state?.name === 'closing' ? state.runId : null;
}

function note({ ledger }: ActionParts, what: string, after: string, who: string): void {
  ledger.audit.add({ what, before: null, after, detail: null, bootId: hostBootId(), who });
}

function tellJobChanged(parts: ActionParts, who: string): void {
  const { job } = parts.jobs;
  if (job === null) return;
  const detail = `The job is ${job.name}, hash ${job.hash}.`;
  tellNotice(parts, { kind: 'job-changed', nest: null, detail, who });
}

function tellNotice(
  { tell, clock }: ActionParts,
  notice: Pick<Notice, 'kind' | 'nest' | 'detail'> & { readonly who: string },
): void {
  tell({ kind: 'notice', notice: { ...notice, code: null, at: clock.now() } });
}
