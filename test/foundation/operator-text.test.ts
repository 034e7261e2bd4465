import { describe, expect, test } from 'vitest';
import { faultTable, mayTryAgain } from '../../src/foundation/faults.ts';
import type { FaultCode } from '../../src/foundation/faults.ts';
import { operatorText, operatorTexts } from '../../src/foundation/operator-text.ts';
import type { Language } from '../../src/foundation/operator-text.ts';

const codes = Object.keys(faultTable) as FaultCode[];
const languages = Object.keys(operatorTexts) as Language[];

const parts = (code: FaultCode, language: Language): string[] => operatorText(code, language).split(' – ');

describe.for(languages)('the texts for operators in %s', (language) => {
  test('are there for every code, and for nothing else', () => {
    expect(Object.keys(operatorTexts[language]).toSorted()).toEqual(codes.toSorted());
  });

  test('are a state, a dash and one action', () => {
    for (const code of codes) {
      expect(parts(code, language), code).toHaveLength(2);
      for (const part of parts(code, language)) expect(part.trim(), code).not.toBe('');
    }
  });

  // Production reference §4: no hex, no file names; the code is shown beside the text.
  test('hold no numbers, no codes and no paths', () => {
    const bad = codes.filter((code) => /[0-9/\\.]/.test(operatorText(code, language)));
    expect(bad).toEqual([]);
  });

  test('use the same words for the same action', () => {
    const english = new Map<string, Set<string>>();
    for (const code of codes) {
      const [, action = ''] = parts(code, 'en');
      const own = english.get(action) ?? new Set<string>();
      english.set(action, own.add(parts(code, language)[1] ?? ''));
    }
    const several = [...english].filter(([, own]) => own.size > 1).map(([action]) => action);
    expect(several).toEqual([]);
  });
});

test('English texts have at most five words before the dash and at most six after it', () => {
  const words = (text: string): number => text.split(/\s+/).length;
  const long = codes.filter((code) => {
    const [state = '', action = ''] = parts(code, 'en');
    return words(state) > 5 || words(action) > 6;
  });
  expect(long).toEqual([]);
});

test('English texts say "press again" exactly where the retry policy of a failure allows it', () => {
  const failures = codes.filter((code) => faultTable[code].outcome === 'FAIL');
  const says = failures.filter((code) => /press again|redo/.test(operatorText(code, 'en')));
  expect(says).toEqual(failures.filter(mayTryAgain));
});
