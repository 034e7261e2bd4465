import type { Machine } from '../chip/machine.ts';
import type { Program } from '../chip/processor.ts';
import type { ReplyFate } from '../chip/faults.ts';
import { END } from '../uart/wire.ts';

/** Sends a reply as often as the loader does, the way the chip's misbehaviour lets it. */
export function* reply(machine: Machine, op: number, bytes: Uint8Array, times = 1): Program {
  const fate = machine.faults.replyTo(op);
  yield* delayed(fate);
  if (!fate.swallowed) {
    if (fate.brownOut) yield* brownOutAfter(machine, bytes.subarray(0, bytes.length / 2));
    if (fate.extraDelimiter) machine.send(Uint8Array.of(END));
    for (let sent = 0; sent < times; sent++) machine.send(bytes);
    sendCopies(machine, fate, bytes);
  }
  machine.uart.sink?.answered();
}

/** The time by which a reply is late. */
export function* delayed({ delayMs }: ReplyFate): Program {
  if (delayMs > 0) yield { always: delayMs };
}

/** The supply dips behind these bytes. */
export function* brownOutAfter(machine: Machine, bytes: Uint8Array): Program {
  machine.send(bytes);
  machine.brownOut();
  yield 'forever';
}

export function sendCopies(machine: Machine, { late }: ReplyFate, bytes: Uint8Array): void {
  for (const { copies, pauseMs } of late) {
    for (let copy = 1; copy <= copies; copy++) machine.sendLater(bytes, copy * pauseMs);
  }
}
