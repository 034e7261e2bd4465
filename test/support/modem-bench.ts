import { esp8266 } from '../../src/chips/esp8266.ts';
import { enterFlashMode, entryHoldsMs, restartIntoApplication } from '../../src/bootloader/reset-sequences.ts';
import type { Resettable, RomGreeting } from '../../src/bootloader/reset-sequences.ts';
import { StationError } from '../../src/foundation/faults.ts';
import { AutoResetBoard } from './auto-reset-board.ts';
import type { BoardOptions, ModemLines } from './auto-reset-board.ts';
import { inVirtualTime, ScriptedLink } from './scripted-link.ts';
import { VirtualClock } from './virtual-clock.ts';

const never = new AbortController().signal;
export const modem: Resettable = { kind: 'modem' };
export const attempts: readonly Attempt[] = entryHoldsMs.modem.map((holdMs, attempt) => ({ attempt, holdMs }));
export const released: ModemLines = { dtr: false, rts: false };
const bootText = (mode: number): string => `\n ets Jan  8 2013,rst cause:2, boot mode:(${mode},7)\n\n`;

export interface Attempt {
  readonly attempt: number;
  readonly holdMs: number;
}

/** One call of `set()`: when, DTR, RTS. */
export type Call = readonly [atMs: number, dtr: 0 | 1, rts: 0 | 1];

/** A port that notes what is asked of it and hands it to a board. */
export class ModemLink extends ScriptedLink {
  readonly calls: Call[] = [];
  readonly order: string[] = [];
  board: AutoResetBoard | null = null;
  refuseFrom = Infinity;

  override async setModemLines({ dtr, rts } = released): Promise<void> {
    if (this.calls.length >= this.refuseFrom) throw new StationError('S04', 'Port /dev/scripted has no DTR and RTS.');
    this.calls.push([this.clock.monotonic(), dtr ? 1 : 0, rts ? 1 : 0]);
    this.order.push(`${dtr ? 1 : 0}${rts ? 1 : 0}`);
    this.board?.set({ dtr, rts });
  }

  override async setBaud(baud: number): Promise<void> {
    this.order.push(String(baud));
    await super.setBaud(baud);
  }

  override async discardInput(): Promise<void> {
    this.order.push('discard');
    await super.discardInput();
  }
}

/** A port on the virtual clock, with a board at its modem lines or none, and the sequences on it. */
export function modemBench(board?: BoardOptions) {
  const clock = new VirtualClock();
  const link = new ModemLink(clock);
  if (board !== undefined) {
    link.board = new AutoResetBoard(clock, board);
    // The text takes 6 ms; a reset that comes first cuts it off.
    let cut = (): void => undefined;
    link.board.onReset = () => cut();
    link.board.onStart = (gpio0) => {
      cut = clock.after(6, () => link.print(bootText(gpio0 === 'low' ? 1 : 3)));
    };
  }
  const enter = ({ attempt, holdMs }: Attempt, reset = modem): Promise<RomGreeting> => {
    const options = { textBaud: esp8266.romTextBaud, holdMs, attempt };
    return inVirtualTime(clock, enterFlashMode(reset, link, clock, options, never));
  };
  const restart = (): Promise<void> => inVirtualTime(clock, restartIntoApplication(modem, link, clock, never));
  return { clock, link, enter, restart, board: link.board! };
}
