import { holdingSuite } from './holding-suite.ts';
import { inputSuite } from './input-suite.ts';
import type { Behaviour } from './line-rig.ts';
import { outputSuite } from './output-suite.ts';

/** What every driver of lines does, each on lines of its own. */
export const lineSuite: readonly Behaviour[] = [...outputSuite, ...inputSuite, ...holdingSuite];
