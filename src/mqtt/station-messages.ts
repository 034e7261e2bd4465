import { faultKind } from '../foundation/faults.ts';
import type { FaultCode } from '../foundation/faults.ts';
import { operatorText } from '../foundation/operator-text.ts';
import type { Language } from '../foundation/operator-text.ts';
import { rowFromOpening } from '../ledger/runs/run-row.ts';
import type { Alarm, JobInfo, NestState, Notice } from '../nest/station-event.ts';
import type { RunOpening } from '../nest/run/run-result.ts';
import type { Message } from './messages.ts';

/** What the station tells of itself in `info` and in its events. */
export interface StationInfo {
  readonly station: string | null;
  readonly line: string | null;
  readonly software: string;
  readonly bootId: string | null;
  readonly simulated: boolean;
  readonly nests: readonly number[];
  /** Of the texts for operators. */
  readonly language: Language;
}

type StationOfMessage = Pick<StationInfo, 'station' | 'language'>;

export function statusMessage(
  state: Message<'status'>['state'],
  reason: Message<'status'>['reason'],
  bootId: string | null,
): Message<'status'> {
  return { state, reason, boot_id: bootId };
}

export function infoMessage(info: StationInfo, epoch: string, lastSeq: number): Message<'info'> {
  return {
    schema: 'jigd.info/1',
    station: info.station,
    line: info.line,
    software: info.software,
    boot_id: info.bootId,
    simulated: info.simulated ? 1 : 0,
    nests: [...info.nests],
    epoch,
    last_seq: lastSeq,
  };
}

export function jobMessage(job: JobInfo | null): Message<'job'> {
  return {
    schema: 'jigd.job/1',
    job: job?.job ?? null,
    job_hash: job?.jobHash ?? null,
    operation: job?.operation ?? null,
    product: job?.product ?? null,
    release: job?.release ?? null,
  };
}

export function nestStateMessage(state: NestState, language: Language): Message<'nestState'> {
  return {
    nest: state.nest,
    state: state.state,
    run_id: state.runId,
    phase: state.phase,
    progress: state.progress,
    code: state.code,
    text: textOf(state.code, language),
  };
}

export function runStartedMessage(opening: RunOpening): Message<'runStarted'> {
  return { schema: 'jigd.started/1', ...rowFromOpening(opening), ts_ms: Math.round(opening.startedAt) };
}

export function eventMessage(notice: Notice, { station, language }: StationOfMessage): Message<'event'> {
  const kind = notice.code === null ? null : faultKind(notice.code);
  return {
    schema: 'jigd.event/1',
    kind: notice.kind,
    station,
    nest: notice.nest,
    code: notice.code,
    code_name: kind?.name ?? null,
    attribution: kind?.attribution ?? null,
    alarm: null,
    who: notice.who ?? null,
    text: textOf(notice.code, language),
    detail: notice.detail,
    at: new Date(notice.at).toISOString(),
    ts_ms: Math.round(notice.at),
  };
}

export function alarmMessage(alarm: Alarm, { station, language }: StationOfMessage): Message<'alarm'> {
  const kind = alarm.code === null ? null : faultKind(alarm.code);
  return {
    schema: 'jigd.alarm/1',
    slug: alarm.slug,
    station,
    nest: alarm.nest,
    code: alarm.code,
    code_name: kind?.name ?? null,
    attribution: kind?.attribution ?? null,
    text: textOfAlarm(alarm, language),
    detail: alarm.detail,
    since: new Date(alarm.since).toISOString(),
    ts_ms: Math.round(alarm.since),
  };
}

/** The beginning or the end of an alarm as an event. @param at wall-clock ms */
export function alarmEventMessage(alarm: Alarm, station: StationOfMessage, at: number): Message<'event'> {
  const { nest, code, detail } = alarm;
  const kind = alarm.active ? 'alarm-raised' : 'alarm-cleared';
  const text = textOfAlarm(alarm, station.language);
  return { ...eventMessage({ kind: 'action', nest, code, detail, at }, station), kind, alarm: alarm.slug, text };
}

/** That of a code which many runs ended with would send the operator to the module in the nest. */
function textOfAlarm({ slug, code }: Alarm, language: Language): string | null {
  return slug === 'same-code' ? null : textOf(code, language);
}

/** What the operator reads; null where there is no code. */
function textOf(code: FaultCode | null, language: Language): string | null {
  return code === null ? null : operatorText(code, language);
}
