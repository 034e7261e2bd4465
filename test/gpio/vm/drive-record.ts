import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Driven } from '../line-rig.ts';

const tracing = '/sys/kernel/tracing';

/** The calls by which the kernel moves a line of the simulated chip, and their arguments. */
const probes: Readonly<Record<string, string>> = {
  input: 'gpio_vm_direction_input line=$arg2:u32',
  output: 'gpio_vm_direction_output line=$arg2:u32 level=$arg3:s32',
  set: 'gpio_vm_set line=$arg2:u32 level=$arg3:s32',
  sets: 'gpio_vm_set_multiple mask=+0($arg2):u64 bits=+0($arg3):u64',
};

/**
 * What the kernel tells the chip, call by call. Nothing is too short for it; the kernel's own trace events for GPIO
 * also name levels that an open-drain line is never driven to.
 */
export class DriveRecord {
  constructor() {
    if (!existsSync(join(tracing, 'trace'))) execFileSync('mount', ['-t', 'tracefs', 'tracefs', tracing]);
    if (existsSync(join(tracing, 'events/jigd/enable'))) return;
    const lines = Object.entries(probes).map(([name, probe]) => `p:jigd/${name} ${probe}\n`);
    writeFileSync(join(tracing, 'kprobe_events'), lines.join(''));
    writeFileSync(join(tracing, 'events/jigd/enable'), '1');
  }

  async during(line: number, work: () => Promise<void>): Promise<readonly Driven[]> {
    const trace = join(tracing, 'trace');
    writeFileSync(trace, '');
    await work();
    const text = readFileSync(trace, 'utf8');
    return text.split('\n').flatMap((row) => stateIn(row, line) ?? []);
  }
}

function stateIn(row: string, line: number): Driven | null {
  const { call, args } = /\b(?<call>input|output|sets?): \([^)]*\) (?<args>.*)$/.exec(row)?.groups ?? {};
  if (call === undefined || args === undefined) return null;
  const values = Object.fromEntries(args.split(' ').map((arg) => arg.split('=') as [string, string]));
  if (call === 'sets') {
    const bit = 1n << BigInt(line);
    if ((BigInt(values['mask'] ?? 0) & bit) === 0n) return null;
    return (BigInt(values['bits'] ?? 0) & bit) === 0n ? 'low' : 'high';
  }
  if (Number(values['line']) !== line) return null;
  if (call === 'input') return 'released';
  return values['level'] === '0' ? 'low' : 'high';
}
