import { expect, test } from 'vitest';
import { failureText, passText } from '../../../src/cli/module/flash-text.ts';
import { RunNotes } from '../../../src/nest/run/run-notes.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

test.for([
  { name: 'everything', skipped: 0, says: '  64128 bytes in 0.0 s' },
  { name: 'a part', skipped: 51_840, says: '  12288 of 64128 bytes written, the others were there, in 0.0 s' },
  { name: 'nothing', skipped: 64_128, says: '  nothing written, the module had all 64128 bytes, in 0.0 s' },
])('a run that wrote $name says so', ({ skipped, says }) => {
  const notes = new RunNotes(new VirtualClock(), () => undefined);
  Object.assign(notes, { bytes: 64_128, bytesSkipped: skipped, bytesSent: 0 });
  expect(passText(notes.report(null))).toContain(says);
});

test.for([
  { name: 'before anything was erased', dirty: false, phase: 'loader', half: false },
  { name: 'while it is written', dirty: true, phase: 'write', half: true },
  { name: 'at the start of what was proved to be there', dirty: true, phase: 'boot', half: false },
] as const)('a module that fails $name is half-programmed: $half', ({ dirty, phase, half }) => {
  const text = failureText('W02', { detail: 'It is gone.', dirty, phase });
  expect(text).toMatch(/^W02 [A-Z_]+: It is gone\. /);
  expect(text.includes(' The module is half-programmed. ')).toBe(half);
});
