import { commands } from '../../bootloader/commands.ts';
import { decodeReply } from '../../bootloader/packet.ts';
import { SlipDecoder } from '../../bootloader/slip.ts';
import { hex } from '../../foundation/bytes.ts';
import { headBytes } from './frame-ring.ts';
import type { KeptFrame } from './frame-ring.ts';
import type { TracedFrame } from './run-evidence.ts';

const delimiter = 0xc0;
const directionBytes = { sent: 0, heard: 1 } as const;
const names: ReadonlyMap<number, string> = new Map(Object.values(commands).map(({ opcode, name }) => [opcode, name]));

/** The frames of both directions in one order, with their names. */
export function tracedFrames(sent: readonly KeptFrame[], heard: readonly KeptFrame[]): TracedFrame[] {
  const decoder = new SlipDecoder();
  const named = [
    ...sent.map((frame) => ({ frame, direction: 'sent' as const, status: null })),
    ...heard.map((frame) => ({ frame, direction: 'heard' as const, status: statusOf(frame, decoder) })),
  ];
  return named
    .sort((a, b) => a.frame.order - b.frame.order)
    .map(({ frame: { atMs, bytes, head }, direction, status }) => {
      return { atMs, direction, command: commandOf(head, direction), status, bytes, head: hex(head) };
    });
}

function commandOf(head: Uint8Array, direction: TracedFrame['direction']): string | null {
  if (head[0] !== delimiter || head[1] !== directionBytes[direction]) return null;
  return names.get(head[2] ?? -1) ?? null;
}

/** Of an answer that is kept whole. */
function statusOf({ bytes, head }: KeptFrame, decoder: SlipDecoder): string | null {
  if (bytes > headBytes || head[0] !== delimiter || head.at(-1) !== delimiter) return null;
  const [frame] = decoder.push(head);
  const reply = frame === undefined ? null : decodeReply(frame);
  return reply === null ? null : hex(Uint8Array.of(reply.status, reply.error));
}
