import { describe, expect, test } from 'vitest';
import { alarmSlugs, nestAlarms } from '../../src/foundation/alarm-slugs.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { StationVoice } from '../../src/mqtt/station-voice.ts';
import type { Alarm } from '../../src/nest/station-event.ts';
import { uncountedRunResult } from '../../src/ledger/runs/build-run-result.ts';
import { finishedAt, opening, passed } from '../ledger/runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { buttonStuck } from './station-bench.ts';

/** A voice and what it says of alarms: the slug, with a minus when the alarm is taken back. */
function voiceOf(nests: readonly number[]) {
  const clock = new VirtualClock();
  let said: string[] = [];
  const voice = new StationVoice({
    link: {
      tell: (name, path, message) => {
        if (name === 'alarm') said.push(`${message === null ? '-' : ''}${path.replace('alarm/', '')}`);
      },
    },
    ledger: { epoch: 'e', lastSeq: () => 0, lastResults: () => [] },
    clock,
    log: silentLogger(),
    station: { station: 's', line: null, software: '0', bootId: null, simulated: true, nests, language: 'en' },
    job: null,
  });
  const tell = (changes: Partial<Alarm> = {}): void => {
    voice.tell({ kind: 'alarm', alarm: { ...buttonStuck, ...changes } });
  };
  /** What has been said since the last call. */
  const heard = (): readonly string[] => {
    const last = said;
    said = [];
    return last;
  };
  return { clock, voice, tell, heard };
}

const others = alarmSlugs([1, 2])
  .filter((slug) => slug !== 'button-stuck-2')
  .map((slug) => `-${slug}`);

describe('alarms', () => {
  test('at a birth every alarm that the nests can have is told or taken back', () => {
    const { voice, heard } = voiceOf([1, 4]);
    voice.birth();
    expect(heard()).toEqual(alarmSlugs([1, 4]).map((slug) => `-${slug}`));
  });

  test('one that is active is told at each birth, and no birth takes it back first', () => {
    const { voice, tell, heard } = voiceOf([1, 2]);
    tell();
    expect(heard()).toEqual(['button-stuck-2']);
    for (const _birth of [1, 2]) {
      voice.birth();
      expect(heard()).toEqual(['button-stuck-2', ...others]);
    }
  });

  test('one that ended is taken back at each birth: its end may not have reached the broker', () => {
    const { clock, voice, tell, heard } = voiceOf([1, 2]);
    tell();
    clock.advance(1_000);
    tell({ active: false });
    expect(heard()).toEqual(['button-stuck-2', '-button-stuck-2']);
    voice.birth();
    expect(heard()).toEqual(['-button-stuck-2', ...others]);
  });

  test('a loose contact is told at most four times a second, and how it ended always', () => {
    const { clock, voice, tell, heard } = voiceOf([1]);
    for (let change = 0; change < 100; change += 1) {
      tell({ slug: 'estop', nest: null, active: change % 2 === 0 });
      clock.advance(10);
    }
    voice.flush();
    const said = heard();
    expect(said.length).toBeLessThanOrEqual(6);
    expect(said.at(-1)).toBe('-estop');
    expect(clock.pending).toBe(0);
  });
});

test('of a nest that has left the station file, every birth takes back what was retained, and tells nothing', () => {
  const said: string[] = [];
  const results = [1, 2].map((nest) => uncountedRunResult(opening(`r${nest}`, { nest }), passed(), finishedAt));
  const voice = new StationVoice({
    link: { tell: (_name, path, message) => void said.push(`${message === null ? '-' : ''}${path}`) },
    ledger: { epoch: 'e', lastSeq: () => 0, lastResults: () => results },
    clock: new VirtualClock(),
    log: silentLogger(),
    station: { station: 's', line: null, software: '0', bootId: null, simulated: true, nests: [1], language: 'en' },
    job: null,
  });
  voice.birth();
  const ofTheOther = said.filter((text) => /nest\/2|-2$/.test(text));
  expect(ofTheOther).toEqual(['-nest/2/state', '-nest/2/last', ...nestAlarms.map((name) => `-alarm/${name}-2`)]);
  expect(said).toContain('nest/1/last');
});
