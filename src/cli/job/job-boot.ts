import type { Job } from '../../firmware/job.ts';
import { bootLimitMs } from '../../nest/boot/boot-times.ts';

/** The boot check of a job as one stable JSON object. */
export interface BootRow {
  readonly baud: number;
  readonly expect: string | null;
  readonly version: string | null;
  readonly forbid: string | null;
  readonly fail: string | null;
  /** What holds on a flash of the size that the layout is for. */
  readonly within_ms: number;
  readonly dialogue: readonly DialogueRow[];
}

export interface DialogueRow {
  readonly send: string;
  readonly expect: string;
  readonly fail: string | null;
  readonly within_ms: number;
}

/** Null where no text of the application is waited for. */
export function bootRow({ boot }: Pick<Job, 'boot'>, flashBytes: number): BootRow | null {
  if (typeof boot === 'string') return null;
  return {
    baud: boot.baud,
    expect: boot.expect?.source ?? null,
    version: boot.version,
    forbid: boot.forbid?.source ?? null,
    fail: boot.fail?.source ?? null,
    within_ms: bootLimitMs(boot, flashBytes),
    dialogue: boot.dialogue.map(({ send, expect, fail, withinMs }) => ({
      send,
      expect: expect.source,
      fail: fail?.source ?? null,
      within_ms: withinMs,
    })),
  };
}

/** Names and values for people, a line each. */
export function bootFacts(row: BootRow): readonly (readonly [string, string])[] {
  const { baud, expect, version, forbid, fail, within_ms: withinMs, dialogue } = row;
  const wishes = [
    ['expect', expect],
    ['version', version],
    ['forbid', forbid],
    ['fail', fail],
  ] as const;
  return [
    ['boot baud', String(baud)],
    ...wishes.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
    ['within', seconds(withinMs)],
    ...dialogue.map((step) => ['dialogue', stepText(step)] as const),
  ];
}

function stepText({ send, expect, fail, within_ms: withinMs }: DialogueRow): string {
  const unless = fail === null ? '' : `, fail ${fail}`;
  return `send ${JSON.stringify(send)}, expect ${expect}${unless}, within ${seconds(withinMs)}`;
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}
