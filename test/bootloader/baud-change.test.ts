import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { baudLadder, baudWord, changeBaud, crystalOf } from '../../src/bootloader/baud-change.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import { inVirtualTime, ScriptedLink } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

test.for([
  { wanted: 921_600, ladder: [921_600, 460_800, 230_400, 115_200] },
  { wanted: 1_500_000, ladder: [1_500_000, 921_600, 460_800, 230_400, 115_200] },
  { wanted: 115_200, ladder: [115_200] },
  { wanted: 57_600, ladder: [57_600] },
])('the rates below $wanted baud are tried in turn', ({ wanted, ladder }) => {
  expect(baudLadder(wanted)).toEqual(ladder);
});

/** What the RAM loader makes of the word: integer division, its reference is 115200 (protocol reference §6.4). */
const dividerOf = (divider: number, word: number): number => Math.floor((divider * 115_200) / word);

describe('the word of the rate change', () => {
  test.for([
    { wanted: 230_400, divider: 226 },
    { wanted: 460_800, divider: 113 },
    { wanted: 921_600, divider: 56 },
    { wanted: 1_000_000, divider: 52 },
    { wanted: 1_500_000, divider: 35 },
    { wanted: 2_000_000, divider: 26 },
  ])('gives divider $divider for $wanted baud, whether the ROM trained to 451 or 452', ({ wanted, divider }) => {
    for (const trained of [451, 452]) {
      expect(dividerOf(trained, baudWord(esp8266, trained, 115_200, wanted))).toBe(divider);
    }
  });

  test('is scaled for a change from another rate', () => {
    expect(dividerOf(56, baudWord(esp8266, 56, 921_600, 115_200))).toBe(451);
    expect(dividerOf(903, baudWord(esp8266, 903, 57_600, 460_800))).toBe(113);
  });

  test('knows a 40 MHz crystal by the divider', () => {
    expect(crystalOf(esp8266, 694, 115_200)).toBe(40);
    expect(crystalOf(esp8266, 452, 115_200)).toBe(26);
    expect(crystalOf(esp8266, 100, 115_200)).toBeNull();
    expect(dividerOf(694, baudWord(esp8266, 694, 115_200, 921_600))).toBe(87);
  });

  test.for([
    { name: 'reads 0', divider: 0 },
    { name: 'reads 1', divider: 1 },
    { name: 'fits no crystal', divider: 1_000 },
    { name: 'reads all ones', divider: 0xfffff },
  ])('is the plain rate when the divider $name', ({ divider }) => {
    expect(baudWord(esp8266, divider, 115_200, 921_600)).toBe(921_600);
    expect(baudWord(esp8266, divider, 921_600, 115_200)).toBe(14_400);
  });

  test.for([230_400, 460_800, 921_600, 1_000_000, 2_000_000])(
    'is the plain rate for %d baud where that gives the best divider',
    (wanted) => {
      expect(baudWord(esp8266, 452, 115_200, wanted)).toBe(wanted);
    },
  );
});

describe('the change of the rate', () => {
  function module(behave: (rateAsked: boolean, link: ScriptedLink) => boolean) {
    const clock = new VirtualClock();
    let asked = false;
    const link = new ScriptedLink(clock, ({ opcode, word }) => {
      if (opcode === 0x0f) {
        asked = true;
        link.reply(0x0f, behave(true, link) ? {} : { status: 0xff });
      } else if (opcode === 0x0a && (!asked || behave(false, link))) {
        link.reply(0x0a, { value: word(0) === esp8266.registers.uartDivider ? 452 : esp8266.magic });
      }
    });
    const change = changeBaud(new Loader(link, clock, silentLogger()), esp8266, 921_600, new AbortController().signal);
    return { link, change: inVirtualTime(clock, change), clock };
  }

  test('is proved with the detect register at the new rate', async () => {
    const { link, change } = module(() => true);
    expect(await change).toBe('changed');
    expect(link.bauds).toEqual([921_600]);
    expect(link.requests.map(({ opcode }) => opcode)).toEqual([0x0a, 0x0f, 0x0a]);
    expect(link.requests[1]?.word(1)).toBe(115_200);
  });

  test('names 115200 as the old rate at any rate, so that both generations of the RAM loader calculate alike', async () => {
    const clock = new VirtualClock();
    const link = new ScriptedLink(clock, ({ opcode, word }) => {
      link.reply(opcode, { value: word(0) === esp8266.registers.uartDivider ? 56 : esp8266.magic });
    });
    await link.setBaud(921_600);
    const loader = new Loader(link, clock, silentLogger());
    await inVirtualTime(clock, changeBaud(loader, esp8266, 115_200, new AbortController().signal));
    const asked = link.requests.find(({ opcode }) => opcode === 0x0f);
    expect(asked?.word(1)).toBe(115_200);
    expect(dividerOf(56, asked?.word(0) ?? 0)).toBe(451);
  });

  test('leaves the host where it is when the module refuses', async () => {
    const { link, change } = module((asked) => !asked);
    expect(await change).toBe('refused');
    expect(link.bauds).toEqual([]);
  });

  test('is lost after three unanswered proofs in under a second', async () => {
    const { link, change, clock } = module((asked) => asked);
    expect(await change).toBe('lost');
    expect(link.requests.filter(({ opcode }) => opcode === 0x0a)).toHaveLength(4);
    expect(clock.monotonic()).toBeLessThan(1_000);
  });
});
