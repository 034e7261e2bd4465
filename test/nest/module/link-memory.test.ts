import { describe, expect, test } from 'vitest';
import { LinkMemory } from '../../../src/nest/module/link-memory.ts';

const wantedBaud = 921_600;
const good = (memory: LinkMemory, runs: number): void => {
  for (let run = 0; run < runs; run += 1) {
    memory.learn({ wantedBaud, baud: memory.baud(wantedBaud), troubled: false });
  }
};

test('a nest that knows nothing aims at the wanted rate', () => {
  const memory = new LinkMemory();
  expect(memory.baud(wantedBaud)).toBe(921_600);
  expect(memory.syncBaud(memory.baud(wantedBaud))).toBe(921_600);
});

test('the ROM loader is never met above the fastest rate that one was seen to follow', () => {
  expect(new LinkMemory().syncBaud(2_000_000)).toBe(921_600);
  expect(new LinkMemory().syncBaud(230_400)).toBe(230_400);
});

describe('after trouble', () => {
  test.for([
    { name: 'the rate that the run came down to is kept', ended: 460_800, aim: 460_800 },
    { name: 'damage at the rate aimed at leads to the next lower one', ended: 921_600, aim: 460_800 },
    { name: 'a run that came down far is believed', ended: 115_200, aim: 115_200 },
  ])('$name', ({ ended, aim }) => {
    const memory = new LinkMemory();
    memory.learn({ wantedBaud, baud: ended, troubled: true });
    expect(memory.baud(wantedBaud)).toBe(aim);
  });

  test('the next higher rate is tried after 20 good runs, and up to the wanted one', () => {
    const memory = new LinkMemory();
    memory.learn({ wantedBaud, baud: 230_400, troubled: true });
    good(memory, 19);
    expect(memory.baud(wantedBaud)).toBe(230_400);
    good(memory, 1);
    expect(memory.baud(wantedBaud)).toBe(460_800);
    good(memory, 20);
    expect(memory.baud(wantedBaud)).toBe(921_600);
    good(memory, 60);
    expect(memory.baud(wantedBaud)).toBe(921_600);
  });

  test('trouble starts the count of good runs again', () => {
    const memory = new LinkMemory();
    memory.learn({ wantedBaud, baud: 460_800, troubled: true });
    good(memory, 19);
    memory.learn({ wantedBaud, baud: 460_800, troubled: true });
    expect(memory.baud(wantedBaud)).toBe(230_400);
    good(memory, 19);
    expect(memory.baud(wantedBaud)).toBe(230_400);
  });

  test('the lowest rate stays', () => {
    const memory = new LinkMemory();
    for (let run = 0; run < 9; run += 1) memory.learn({ wantedBaud, baud: 115_200, troubled: true });
    expect(memory.baud(wantedBaud)).toBe(115_200);
  });
});

test('a run that sent no data teaches nothing', () => {
  const memory = new LinkMemory();
  memory.learn({ wantedBaud, baud: null, troubled: true });
  expect(memory.baud(wantedBaud)).toBe(921_600);
});

test('after a start that was too fast the next 20 runs begin at the safe rate, and go to the wanted one from there', () => {
  const memory = new LinkMemory();
  memory.startedTooFast();
  expect(memory.syncBaud(wantedBaud)).toBe(115_200);
  expect(memory.baud(wantedBaud)).toBe(921_600);
  good(memory, 19);
  expect(memory.syncBaud(wantedBaud)).toBe(115_200);
  good(memory, 1);
  expect(memory.syncBaud(wantedBaud)).toBe(921_600);
});
