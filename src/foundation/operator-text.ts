import type { FaultCode } from './faults.ts';
import { en } from './texts/en.ts';
import { zh } from './texts/zh.ts';

/** The texts for operators, one file per language; each has a text for every code. */
export const operatorTexts = { en, zh } as const satisfies Record<string, Readonly<Record<FaultCode, string>>>;

export type Language = keyof typeof operatorTexts;

/** A state, a dash and one action, without the code, which is shown beside it. */
export function operatorText(code: FaultCode, language: Language): string {
  return operatorTexts[language][code];
}
