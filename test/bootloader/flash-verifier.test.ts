import { expect, test } from 'vitest';
import { silentLogger } from '../../src/foundation/logger.ts';
import { digestFault, readDigest } from '../../src/bootloader/flash-verifier.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import { mixedBytes, region } from '../support/regions.ts';
import { inVirtualTime, ScriptedLink } from '../support/scripted-link.ts';
import type { Script } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const what = region(0x1000, mixedBytes(8_192));

function read(script: Script) {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, script);
  const digest = readDigest(new Loader(link, clock, silentLogger()), what, new AbortController().signal);
  return { link, clock, digest: inVirtualTime(clock, digest) };
}

test('the digest is asked for the whole region and read as hexadecimal', async () => {
  const data = new Uint8Array(Buffer.from(what.md5, 'hex'));
  const { link, digest } = read((_request, own) => own.reply(0x13, { data }));
  expect(await digest).toBe(what.md5);
  expect([link.requests[0]?.word(0), link.requests[0]?.word(1)]).toEqual([0x1000, 8_192]);
});

test.for([
  { name: 'no answer', script: () => undefined, code: 'V02' },
  { name: 'a short digest', script: (_r, link) => link.reply(0x13, { data: new Uint8Array(3) }), code: 'V02' },
  { name: 'the late error of a write', script: (_r, link) => link.reply(0x13, { status: 0xc4 }), code: 'W03' },
] as const satisfies readonly { name: string; script: Script; code: string }[])(
  '$name is $code',
  async ({ script, code }) => {
    await expect(read(script).digest).rejects.toMatchObject({ code });
  },
);

const right = new Uint8Array(Buffer.from(what.md5, 'hex'));
const bent = right.map((byte, at) => (at === 5 ? byte ^ 1 : byte));

test.for([
  { name: 'damaged once is right when it comes right twice', answers: [bent, right, right], digest: right, asked: 3 },
  { name: 'a byte too long once is asked again', answers: [right.subarray(1), right, right], digest: right, asked: 3 },
  { name: 'wrong twice is wrong', answers: [bent, bent, right], digest: bent, asked: 2 },
  { name: 'that changes its mind is wrong', answers: [bent, right, bent], digest: bent, asked: 3 },
])('a digest $name', async ({ answers, digest: expected, asked }) => {
  const left = [...answers];
  const { link, digest } = read((_request, own) => own.reply(0x13, { data: left.shift() ?? bent }));
  expect(await digest).toBe(Buffer.from(expected).toString('hex'));
  expect(link.requests).toHaveLength(asked);
});

test('a right digest is no fault', () => {
  expect(digestFault(what, what.md5)).toBeNull();
});

test('one wrong digit is V01 with both digests', () => {
  const wrong = what.md5.slice(0, -1) + (what.md5.endsWith('0') ? '1' : '0');
  expect(digestFault(what, wrong)).toMatchObject({
    code: 'V01',
    detail: `The region at 0x1000 has the digest ${wrong}, not ${what.md5}.`,
  });
});

test('the digest of an empty region is V04', () => {
  // MD5 of 4096 bytes of FF, protocol reference §2.5.
  const sector = region(0, mixedBytes(4_096));
  expect(digestFault(sector, '6ae59e64850377ee5470c854761551ea')).toMatchObject({ code: 'V04' });
});

test('a region that ought to be empty passes with that digest', () => {
  const blank = region(0, new Uint8Array(4_096).fill(0xff));
  expect(digestFault(blank, '6ae59e64850377ee5470c854761551ea')).toBeNull();
});
