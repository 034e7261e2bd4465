import { expect, test } from 'vitest';
import type { LinkListener } from '../../../src/nest/evidence/link-trace.ts';
import { RecordingLink, recordingReset } from '../../../src/nest/evidence/recording-link.ts';
import { ScriptedLink } from '../../support/scripted-link.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { VirtualLine } from '../../support/virtual-socket.ts';

const { signal } = new AbortController();
const bytes = Uint8Array.of(1, 2, 3);

function listener(heard: string[]): LinkListener {
  return {
    sent: ({ length }) => void heard.push(`sent ${length}`),
    heard: ({ length }) => void heard.push(`heard ${length}`),
    rate: (baud) => void heard.push(`rate ${baud}`),
    line: (line, active) => void heard.push(`${line} ${active}`),
  };
}

const deaf = (): never => {
  throw new Error('There is no room for evidence.');
};

test('everything that passes is told, and passes', async () => {
  const told: string[] = [];
  const inner = new ScriptedLink(new VirtualClock());
  const link = new RecordingLink(inner, listener(told));
  await link.write(bytes, signal);
  inner.push(bytes);
  inner.clock.advance(1);
  expect(await link.read(signal)).toEqual(bytes);
  await link.setBaud(74_880, signal);
  await link[Symbol.asyncDispose]();
  expect(told).toEqual(['rate 115200', 'sent 3', 'heard 3', 'rate 74880']);
  expect(link).toMatchObject({ path: inner.path, baud: 74_880 });
  expect(inner).toMatchObject({ written: [bytes], closed: true });
});

test('a listener that fails harms nothing', async () => {
  const inner = new ScriptedLink(new VirtualClock());
  const broken = { sent: deaf, heard: deaf, rate: deaf, line: deaf };
  const link = new RecordingLink(inner, broken);
  await link.write(bytes, signal);
  inner.push(bytes);
  inner.clock.advance(1);
  expect(await link.read(signal)).toEqual(bytes);
  await link.setBaud(74_880, signal);
  expect(inner.bauds).toEqual([74_880]);
  const rst = new VirtualLine(() => undefined);
  const reset = recordingReset({ kind: 'lines', rst, gpio0: rst }, broken);
  if (reset.kind !== 'lines') throw new Error('The reset has changed its kind.');
  reset.rst.set(true);
  expect(rst.active).toBe(true);
});

test('a line that refuses has not changed', () => {
  const told: string[] = [];
  const rst = { set: deaf, [Symbol.dispose]: () => undefined };
  const reset = recordingReset({ kind: 'lines', rst, gpio0: rst }, listener(told));
  if (reset.kind !== 'lines') throw new Error('The reset has changed its kind.');
  expect(() => reset.rst.set(true)).toThrow('no room');
  expect(told).toEqual([]);
});
