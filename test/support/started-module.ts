import { esp8266 } from '../../src/chips/esp8266.ts';
import type { BootCheck } from '../../src/firmware/job.ts';
import { checkBoot } from '../../src/nest/boot/boot-check.ts';
import type { BootSighting } from '../../src/nest/boot/rom-start.ts';
import { inVirtualTime, RecordedLine, ScriptedLink } from './scripted-link.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What the ROM prints first. */
export const header = '\n ets Jan  8 2013,rst cause:2, boot mode:(3,7)\n\n';
/** What it prints of an image that it starts. */
export const load = 'load 0x40100000, len 1856, room 16 \ntail 0\nchksum 0x63\ncsum 0x63\n';
/** A boot check that others are made from. */
export const check: BootCheck = {
  baud: 115_200,
  expect: /NodeMCU (\S+)/,
  version: null,
  forbid: null,
  fail: null,
  dialogue: [],
  withinMs: 5_000,
};

/** What the module prints after the release of RST: when, at which rate, what. */
export type Line = readonly [atMs: number, baud: number, text: string];
const flashBytes = 4 * 1024 * 1024;
export const rom: Line = [6, 74_880, header + load];

/** Starts a module that prints lines, and checks the start. */
export function start(lines: readonly Line[], what: BootCheck | 'header', bytes = flashBytes) {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock);
  const rst = new RecordedLine(clock);
  const gpio0 = new RecordedLine(clock);
  rst.onChange = (active) => {
    if (active) return;
    for (const [atMs, baud, text] of lines) {
      clock.after(atMs, () => link.print(link.baud === baud ? text : text.replace(/[^\n]/g, '\x9c')));
    }
  };
  const sighting: BootSighting = { bootMode: null, bootVersion: null, retries: 0 };
  const reset = { kind: 'lines', rst, gpio0 } as const;
  const parts = { link, clock, reset, chip: esp8266, textBaud: esp8266.romTextBaud, flashBytes: bytes };
  const work = inVirtualTime(clock, checkBoot(parts, what, sighting, new AbortController().signal));
  return { clock, link, rst, gpio0, sighting, work };
}
